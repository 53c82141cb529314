import type { Tensor } from "@huggingface/transformers";
import type { ProcessorCall } from "../family.js";

/** What {@link gridInputs} needs beside the call. */
export interface GridTokens {
  /** Side of a patch in pixels of the model's input. */
  readonly patchSize: number;
  /** Image tokens that stand for no patch. */
  readonly extra: number;
}

/**
 * Pixel values, all pictures' one after another, and the prompt with each placeholder repeated once per patch of its
 * picture (and per extra token).
 */
export async function gridInputs(
  { processor, image, others = [], text, imageToken, addSpecialTokens }: ProcessorCall,
  { patchSize, extra }: GridTokens,
): Promise<Record<string, Tensor>> {
  const { pixel_values } = (await processor.image_processor?.([image, ...others])) as {
    pixel_values: Tensor;
  };
  const [height = 0, width = 0] = pixel_values.dims.slice(-2);
  const count = Math.floor(height / patchSize) * Math.floor(width / patchSize) + extra;
  const expanded = text.replaceAll(imageToken.text, () => imageToken.text.repeat(count));
  const tokens = processor.tokenizer?.(expanded, { add_special_tokens: addSpecialTokens }) as Record<
    string,
    Tensor
  >;
  return { ...tokens, pixel_values };
}
