import type { Tensor } from "@huggingface/transformers";
import { configCount } from "../configCount.js";
import type { ProcessorCall } from "../family.js";
import { imageConfig } from "./imageConfig.js";

/** Patches, their grid, and the prompt with its placeholder once per merged patch. */
export async function qwenInputs({
  processor,
  configs,
  image,
  text,
  imageToken,
  addSpecialTokens,
}: ProcessorCall): Promise<Record<string, Tensor>> {
  const patches = (await processor.image_processor?.(image)) as Record<string, Tensor>;
  const { pixel_values, image_grid_thw } = patches as { pixel_values: Tensor; image_grid_thw: Tensor };
  const merge = configCount(imageConfig(configs.image), "merge_size", "preprocessor_config.json");
  const count = (pixel_values.dims[0] ?? 0) / merge ** 2;
  // Not by the processor's own call: it would also take the user's words "<|placeholder|>" for a picture.
  const expanded = text.replace(imageToken.text, () => imageToken.text.repeat(count));
  const tokens = processor.tokenizer?.(expanded, { add_special_tokens: addSpecialTokens }) as Record<
    string,
    Tensor
  >;
  return { ...tokens, pixel_values, image_grid_thw };
}
