import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tensor } from "@huggingface/transformers";
import sharp from "sharp";
import type { Rectangle } from "../../src/core/run/types.js";
import { modelInputs, type ModelInputs } from "../../src/runtime/answer/prompt.js";
import { loadPicture } from "../../src/runtime/image/picture.js";
import type { LoadedVlm } from "../../src/runtime/model/loadModel.js";

const folder = mkdtempSync(join(tmpdir(), "dexar-marker-"));

/** How far a bright square moved the feature of each image token [N], and where the tokens lie. */
export interface MovedCells {
  readonly cells: readonly Rectangle[];
  readonly moved: Float32Array;
}

/** How the picture comes into the model. */
export interface MarkedPrompt {
  /** A file of a picture that comes before it in the same prompt; its tokens are among the cells then. */
  readonly before?: string;
  readonly resize?: "pil" | "transformers.js";
}

/** Compares the image features of a grey picture with those of the same picture with a bright square on it. */
export async function movedCells(
  vlm: LoadedVlm,
  size: { readonly width: number; readonly height: number },
  square: Rectangle,
  prompt: MarkedPrompt = {},
): Promise<MovedCells> {
  const plain = await imageFeatures(vlm, await drawMarker(size, null), prompt);
  const marked = await imageFeatures(vlm, await drawMarker(size, square), prompt);
  const [left, top] = marked.inputs.placed?.at(-1)?.place ?? [0, 0];
  const cells = marked.inputs.layout.cells.map(([x, y, w, h]): Rectangle => [x - left, y - top, w, h]);
  const width = marked.features.length / cells.length;
  const moved = Float32Array.from({ length: cells.length }, (_, cell) => {
    let sum = 0;
    for (let i = cell * width; i < (cell + 1) * width; i++) {
      sum += ((marked.features[i] ?? NaN) - (plain.features[i] ?? NaN)) ** 2;
    }
    return Math.sqrt(sum);
  });
  return { cells, moved };
}

/** The cell that moved most of those from `start` to `end`. */
export function mostMoved({ cells, moved }: MovedCells, start = 0, end = cells.length): Rectangle {
  const own = moved.subarray(start, end);
  const best = own.indexOf(own.reduce((most, value) => Math.max(most, value), -Infinity));
  return cells[start + best] ?? [NaN, NaN, NaN, NaN];
}

/** Whether a point lies in a rectangle. */
export function holds([x, y, width, height]: Rectangle, [px, py]: readonly [number, number]): boolean {
  return px >= x && px <= x + width && py >= y && py <= y + height;
}

async function imageFeatures(
  vlm: LoadedVlm,
  path: string,
  { before, resize = "pil" }: MarkedPrompt,
): Promise<{ inputs: ModelInputs; features: Float32Array }> {
  const [picture, ...others] = await Promise.all(
    [...(before === undefined ? [] : [before]), path].map(loadPicture),
  );
  if (!picture) throw new Error("no picture");
  const rendered = vlm.placeholder.repeat(1 + others.length);
  const parts = { picture, others, rendered, resize, pixelValuesPath: null };
  const inputs = await modelInputs(vlm, parts);
  const model = (await vlm.plain()) as unknown as { encode_image(inputs: object): Promise<Tensor> };
  const features = await model.encode_image(inputs.inputs);
  return { inputs, features: features.data as Float32Array };
}

async function drawMarker(
  { width, height }: { readonly width: number; readonly height: number },
  square: Rectangle | null,
): Promise<string> {
  const path = join(folder, `${width}x${height}-${square?.join("-") ?? "plain"}.png`);
  const picture = sharp({ create: { width, height, channels: 3, background: "#303030" } });
  if (square === null) await picture.png().toFile(path);
  else {
    const [left, top, across, down] = square;
    const bright = { width: across, height: down, channels: 3, background: "#ffffff" } as const;
    await picture
      .composite([{ input: { create: bright }, left, top }])
      .png()
      .toFile(path);
  }
  return path;
}
