import type { Tensor } from "@huggingface/transformers";
import { readFile } from "node:fs/promises";
import { DexarError } from "../../core/errors.js";
import type { PromptToken } from "../../core/run/types.js";
import { decodeNpy } from "../../core/tensor/npy.js";
import type { GenerateRequest } from "../../protocol/modelProcess.js";
import type { ImageLayout } from "../families/layout.js";
import { loadPicture, type Picture } from "../image/picture.js";
import type { LoadedVlm } from "../model/loadModel.js";
import { placedTokens } from "./placedTokens.js";
import { promptPictures, type PlacedPicture } from "./promptPictures.js";
import { renderPrompt } from "./renderPrompt.js";

/** What goes into the model. */
export interface ModelInputs {
  /** What is shown: the picture, or a sheet of several. */
  readonly picture: Picture;
  readonly layout: ImageLayout;
  /** The pictures on the sheet; null where there is only one. */
  readonly placed: readonly PlacedPicture[] | null;
  /** The text the tokenizer saw, image placeholder once. */
  readonly rendered: string;
  /** Expanded prompt, S ids. */
  readonly ids: readonly number[];
  readonly imagePositions: readonly number[];
  /** Processor output: input_ids, attention_mask, pixel_values. */
  readonly inputs: Record<string, Tensor>;
}

/** What goes into the model, and how it maps back to the user's text and picture. */
export interface PreparedPrompt extends ModelInputs {
  /** One per position [S]. */
  readonly tokens: readonly PromptToken[];
  readonly warnings: readonly string[];
}

/** What the inputs of a model are made from. */
export interface PromptParts {
  readonly picture: Picture;
  /** Further pictures of the prompt, in the order of their placeholders. */
  readonly others?: readonly Picture[];
  /** The text for the tokenizer, image placeholder once for each picture. */
  readonly rendered: string;
  readonly resize: GenerateRequest["resize"];
  readonly pixelValuesPath: string | null;
}

/** Loads the picture, turns prompt and picture into model inputs, and finds the user's words in them. */
export async function preparePrompt(vlm: LoadedVlm, request: GenerateRequest): Promise<PreparedPrompt> {
  const { resize, pixelValuesPath } = request;
  const [picture, ...others] = await Promise.all([
    loadPicture(request.imagePath),
    ...(request.imagePaths ?? []).slice(1).map(loadPicture),
  ]);
  const text = renderPrompt(vlm, request);
  const inputs = await modelInputs(vlm, {
    picture,
    others,
    rendered: text.rendered,
    resize,
    pixelValuesPath,
  });
  const { tokens, warnings } = placedTokens(vlm, request, text, inputs.ids);
  return { ...inputs, tokens, warnings: [...inputs.picture.warnings, ...warnings] };
}

/** Turns picture and rendered text into model inputs. */
export async function modelInputs(vlm: LoadedVlm, parts: PromptParts): Promise<ModelInputs> {
  const { rendered, pixelValuesPath, others: given = [] } = parts;
  const shown = await promptPictures(vlm, parts.picture, given, parts.resize);
  const { picture, layout, placed } = shown;
  const [image, ...others] = shown.images;
  const bos = vlm.processor.tokenizer?.bos_token;
  const { processor, configs, imageToken } = vlm;
  const addSpecialTokens = !(bos && rendered.startsWith(bos));
  const call = { processor, configs, image, others, text: rendered, imageToken, addSpecialTokens };
  const inputs = await vlm.family.process(call);
  if (pixelValuesPath !== null) await replacePixels(inputs, pixelValuesPath);
  const ids = Array.from((inputs["input_ids"] as Tensor).data as BigInt64Array, Number);
  const imagePositions = ids.flatMap((id, position) => (id === vlm.imageToken.id ? [position] : []));
  if (imagePositions.length !== layout.cells.length) {
    throw new DexarError(
      "image-layout-unknown",
      `The prompt has ${imagePositions.length} image tokens but the picture gives ${layout.cells.length} patches.`,
      "The processor's settings do not fit the model: take preprocessor_config.json and processor_config.json from the model's page.",
    );
  }
  return { picture, layout, placed, rendered, ids, imagePositions, inputs };
}

async function replacePixels(inputs: Record<string, Tensor>, path: string): Promise<void> {
  const pixels = inputs["pixel_values"] as Tensor;
  const given = decodeNpy(await readFile(path), path);
  const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  if (!(given.data instanceof Float32Array) || size(given.shape) !== size(pixels.dims)) {
    throw new DexarError(
      "bad-pixel-values",
      `${path} holds ${given.data instanceof Float32Array ? "numbers" : "whole numbers"} of shape [${given.shape.join(", ")}]; the model takes float32 [${pixels.dims.join(", ")}].`,
      "Save the processor's pixel_values with numpy.save.",
    );
  }
  (pixels.data as Float32Array).set(given.data);
}
