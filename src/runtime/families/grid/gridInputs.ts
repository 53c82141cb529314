import type { Tensor } from "@huggingface/transformers";
import type { ProcessorCall } from "../family.js";

/** What {@link gridInputs} needs beside the call. */
export interface GridTokens {
  /** Side of a patch in pixels of the model's input. */
  readonly patchSize: number;
  /** Image tokens that stand for no patch. */
  readonly extra: number;
}

/** Pixel values, and the prompt with its placeholder repeated once per patch of them (and per extra token). */
export async function gridInputs(
  { processor, image, text, imageToken, addSpecialTokens }: ProcessorCall,
  { patchSize, extra }: GridTokens,
): Promise<Record<string, Tensor>> {
  const { pixel_values } = (await processor.image_processor?.(image)) as { pixel_values: Tensor };
  const [height = 0, width = 0] = pixel_values.dims.slice(-2);
  const count = Math.floor(height / patchSize) * Math.floor(width / patchSize) + extra;
  const expanded = text.replace(imageToken.text, () => imageToken.text.repeat(count));
  const tokens = processor.tokenizer?.(expanded, { add_special_tokens: addSpecialTokens }) as Record<
    string,
    Tensor
  >;
  return { ...tokens, pixel_values };
}
