import type { Tensor } from "@huggingface/transformers";
import { readFile } from "node:fs/promises";
import { DexarError } from "../../core/errors.js";
import type { PromptToken } from "../../core/run/types.js";
import { decodeNpy } from "../../core/tensor/npy.js";
import type { GenerateRequest } from "../../protocol/modelProcess.js";
import type { ImageLayout } from "../families/llava/geometry.js";
import { loadPicture, type Picture } from "../image/picture.js";
import { PilImage, rawImage } from "../image/pilImage.js";
import type { LoadedVlm } from "../model/loadModel.js";
import { tokenText } from "./tokenText.js";

/** What goes into the model, and how it maps back to the user's text and picture. */
export interface PreparedPrompt {
  readonly picture: Picture;
  readonly layout: ImageLayout;
  /** The text the tokenizer saw, image placeholder once. */
  readonly rendered: string;
  /** Expanded prompt, S ids. */
  readonly ids: readonly number[];
  readonly imagePositions: readonly number[];
  readonly tokens: readonly PromptToken[];
  /** Processor output: input_ids, attention_mask, pixel_values. */
  readonly inputs: Record<string, Tensor>;
  readonly warnings: readonly string[];
}

/** What the inputs of a model are made from. */
export interface PromptParts {
  readonly picture: Picture;
  /** The user's words. */
  readonly text: string;
  /** The text for the tokenizer, image placeholder once. */
  readonly rendered: string;
  readonly resize: GenerateRequest["resize"];
  readonly pixelValuesPath: string | null;
}

/** Loads the picture and turns prompt and picture into model inputs. */
export async function preparePrompt(vlm: LoadedVlm, request: GenerateRequest): Promise<PreparedPrompt> {
  const { prompt: text, resize, pixelValuesPath } = request;
  const picture = await loadPicture(request.imagePath);
  return promptOf(vlm, { picture, text, rendered: renderPrompt(vlm, request), resize, pixelValuesPath });
}

/** Turns picture and rendered text into model inputs. */
export async function promptOf(vlm: LoadedVlm, parts: PromptParts): Promise<PreparedPrompt> {
  const { picture, text, rendered, pixelValuesPath } = parts;
  const python = parts.resize === "pil";
  // Before the processor: it refuses pictures that would be resized to an absurd size.
  const layout = vlm.family.layout(picture, vlm.configs, python ? "python" : "transformers.js");
  const image = python ? PilImage.fromPicture(picture) : rawImage(picture);
  const bos = vlm.processor.tokenizer?.bos_token;
  const inputs = (await vlm.processor(image, rendered, {
    add_special_tokens: !(bos && rendered.startsWith(bos)),
  })) as Record<string, Tensor>;
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
  return {
    picture,
    layout,
    rendered,
    ids,
    imagePositions,
    tokens: promptTokens(vlm, ids, rendered, text),
    inputs,
    warnings: picture.warnings,
  };
}

function renderPrompt(vlm: LoadedVlm, request: GenerateRequest): string {
  if (request.prompt.trim() === "") {
    throw new DexarError(
      "empty-prompt",
      "The prompt is empty.",
      'Ask something about the picture, for example "What is in the picture?".',
    );
  }
  const placeholder = vlm.imageToken.text;
  const count = request.prompt.split(placeholder).length - 1;
  if (request.rawPrompt) {
    if (count === 1) return request.prompt;
    throw new DexarError(
      "bad-raw-prompt",
      `A raw prompt must hold the image placeholder ${placeholder} once; this one holds it ${count} times.`,
      `Put ${placeholder} where the picture belongs.`,
    );
  }
  if (count > 0) {
    throw new DexarError(
      "bad-prompt",
      `The prompt holds the image placeholder ${placeholder}, which the chat template adds itself.`,
      "Leave the placeholder out, or give the whole text as a raw prompt.",
    );
  }
  if (!vlm.processor.tokenizer?.chat_template && !vlm.processor.chat_template) {
    throw new DexarError(
      "no-chat-template",
      `The model "${vlm.name}" has no chat template.`,
      `Give the whole text yourself, as a raw prompt that holds ${placeholder} once.`,
    );
  }
  const content = [{ type: "image" }, { type: "text", text: request.prompt }];
  return vlm.processor.apply_chat_template([{ role: "user", content }] as never, {
    add_generation_prompt: true,
    tokenize: false,
  }) as unknown as string;
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

/**
 * Text and kind of every prompt position. The user's own words are found by counting tokens from the start of the
 * rendered text: cut anywhere else, a tokenizer may split differently.
 */
function promptTokens(
  vlm: LoadedVlm,
  ids: readonly number[],
  rendered: string,
  prompt: string,
): PromptToken[] {
  const { tokenizer } = vlm.processor;
  const special = new Set<number>(tokenizer?.all_special_ids as number[]);
  const expansion = ids.filter((id) => id === vlm.imageToken.id).length - 1;
  const count = (text: string): number => {
    if (text === "") return 0;
    const tokens = tokenizer?.encode(text, { add_special_tokens: false }).length ?? 0;
    return tokens + (text.includes(vlm.imageToken.text) ? expansion : 0);
  };
  // Templates may trim the user's words; where one rewrites them, every token that is not special counts as theirs.
  const words = prompt.trim();
  const found = rendered.indexOf(words);
  const [from, to] = found === -1 ? [0, rendered.length] : [found, found + words.length];
  const added = ids.length - count(rendered);
  const [first, end] = [from, to].map((at) => added + count(rendered.slice(0, at))) as [number, number];
  return ids.map((id, position) => {
    const outside = special.has(id) || position < first || position >= end;
    return {
      text: tokenText(tokenizer, id),
      kind: id === vlm.imageToken.id ? "image" : outside ? "special" : "text",
    };
  });
}
