import sharp from "sharp";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import type { PromptToken, Rectangle, Run, RunInfo, RunToken } from "../../src/core/run/types.js";
import { writeRun } from "../../src/core/run/writeRun.js";
import { createRandom, type Random } from "../scenes/random.js";
import { fillGradient } from "./gradient.js";

/** Sizes of a made-up run. */
export interface RunShape {
  /** Tokens of the answer, the end token included. */
  readonly tokens: number;
  readonly layers: number;
  readonly heads: number;
  /** The grid of image tokens. */
  readonly columns: number;
  readonly rows: number;
  /** Words and template tokens of the prompt. */
  readonly words: number;
  readonly width: number;
  readonly height: number;
}

/** A run of issue 4's bar: 64 tokens, 30 layers, 9 heads, 1,000 image tokens. */
export const BAR_SHAPE: RunShape = {
  ...{ tokens: 64, layers: 30, heads: 9 },
  ...{ columns: 40, rows: 25, words: 100 },
  ...{ width: 1600, height: 1000 },
};

const WORDS =
  "the a small brown dog with its ball sits on green grass near two red chairs and looks at us while behind it".split(
    " ",
  );

/** A run file with float32 gradients, and its picture; the same for the same seed. */
export async function syntheticRun(
  shape: RunShape,
  seed: number,
): Promise<{ file: Uint8Array; picture: Uint8Array }> {
  const random = createRandom(seed);
  const picture = await drawPicture(shape, random);
  const info = describeRun(shape, random);
  const { length } = info.prompt.tokens;
  const imagePositions = Int32Array.from({ length: shape.columns * shape.rows }, (_, index) => index + 1);
  const run: Run = {
    info,
    image: picture,
    arrays: {
      inputIds: new Int32Array(length + shape.tokens).map(() => random.integer(3, 40_000)),
      imagePositions,
      gradient: fillGradient(shape, length, imagePositions, random),
      gradientReferenceLast: null,
      lensLogit: new Float32Array(shape.tokens * shape.layers).map(() => random.between(-4, 20)),
    },
  };
  return { file: await writeRun(run, attribute(attributionInput(run), info.settings)), picture };
}

/** Soft blobs with some noise: as hard to draw and to unpack as a photograph. */
async function drawPicture({ width, height }: RunShape, random: Random): Promise<Uint8Array> {
  const noise = { type: "gaussian" as const, mean: 128, sigma: 60 };
  const coarse = await sharp({ create: { width: 24, height: 15, channels: 3, background: "#888888", noise } })
    .png()
    .toBuffer();
  const data = await sharp(coarse).resize(width, height, { kernel: "cubic" }).removeAlpha().raw().toBuffer();
  for (let index = 0; index < data.length; index++)
    data[index] = Math.min(255, Math.max(0, (data[index] ?? 0) + random.integer(-6, 6)));
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}

function describeRun(shape: RunShape, random: Random): RunInfo {
  const { tokens, layers, heads, width, height } = shape;
  const prompt = describePrompt(shape);
  const text = prompt.flatMap((token) => (token.kind === "text" ? [token.text] : [])).join("");
  return {
    ...{
      format: "dexar-run",
      version: 1,
      id: "bench",
      tool: "dexar bench",
      time: "2026-11-23T08:00:00.000Z",
    },
    model: { name: "synthetic-vlm", family: "llava", files: [], dtype: "fp32", device: "cpu", layers, heads },
    prompt: { text, rendered: text, tokens: prompt },
    generation: {
      mode: "generated",
      maxNewTokens: tokens,
      temperature: 0,
      topK: 0,
      seed: null,
      finish: "stop",
    },
    image: {
      ...{ name: "bench.jpg", entry: "image.jpg", width, height, sha256: "0".repeat(64) },
      seen: [0, 0, width, height],
    },
    tokens: Array.from({ length: tokens }, (_, index) => makeToken(index, index + 1 === tokens, random)),
    cells: gridCells(shape),
    settings: {
      ...{ preset: "paper", layers: [0, layers], textSet: "all", score: { kind: "max" } },
      ...{ overrides: [], includeStop: false },
    },
    timings: {},
    warnings: [],
    partial: false,
  };
}

function describePrompt({ columns, rows, words }: RunShape): PromptToken[] {
  const image = Array.from({ length: columns * rows }, () => ({ text: "<image>", kind: "image" as const }));
  const text = Array.from({ length: words - 2 }, (_, index) => ({
    text: ` ${WORDS[index % WORDS.length] ?? ""}`,
    kind: "text" as const,
  }));
  return [{ text: "<s>", kind: "special" }, ...image, ...text, { text: "\n", kind: "special" }];
}

function makeToken(index: number, stop: boolean, random: Random): RunToken {
  const text = stop ? "</s>" : ` ${WORDS[index % WORDS.length] ?? ""}`;
  const logprob = -random.between(0.01, 1.2);
  const others = Array.from({ length: 9 }, (_, place) => ({
    id: 200 + place,
    text: ` ${random.pick(WORDS)}`,
    logprob: logprob - random.between(0.1, 6),
  }));
  const alternatives = [{ id: 100 + index, text, logprob }, ...others];
  return { id: 100 + index, text, kind: "generated", logprob, alternatives, stop };
}

function gridCells({ columns, rows, width, height }: RunShape): Rectangle[] {
  const [across, down] = [width / columns, height / rows];
  return Array.from({ length: columns * rows }, (_, index) => [
    (index % columns) * across,
    Math.floor(index / columns) * down,
    across,
    down,
  ]);
}
