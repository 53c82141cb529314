import type { PreTrainedModel } from "@huggingface/transformers";
import { DexarError } from "../../core/errors.js";

/** Puts the picture's features in the places of the image tokens: a method of transformers.js's multimodal models. */
interface Merging {
  _merge_input_ids_with_image_features?(parts: object): object;
}

/**
 * Makes a model say what to do when the prompt has another number of image tokens than the vision encoder has features
 * (DexarError `features-mismatch`), which transformers.js only counts.
 */
export function explainMismatch(model: PreTrainedModel): void {
  const merging = model as Merging;
  const merge = merging._merge_input_ids_with_image_features?.bind(model);
  if (!merge) return;
  merging._merge_input_ids_with_image_features = (parts) => {
    try {
      return merge(parts);
    } catch (cause) {
      if (cause instanceof DexarError) throw cause;
      throw new DexarError(
        "features-mismatch",
        `What the vision encoder gives does not fit the prompt (${cause instanceof Error ? cause.message : String(cause)}).`,
        "The configuration files and the graphs are not of the same model: take config.json, preprocessor_config.json and processor_config.json from the page of the model in onnx/.",
        { cause },
      );
    }
  };
}
