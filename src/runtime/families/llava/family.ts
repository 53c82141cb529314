import { LlavaForConditionalGeneration } from "@huggingface/transformers";
import type { ModelConfigs } from "../family.js";
import { gridFamily } from "../grid/gridFamily.js";
import { configuredPatchSize, subConfig } from "../grid/patchSize.js";

/** LLaVA 1.5, LLaVA-interleave and BakLLaVA: they differ in vision tower and decoder, which the engine does not see. */
export const llava = gridFamily({
  name: "llava",
  modelTypes: ["llava"],
  modelClass: LlavaForConditionalGeneration,
  severalPictures: true,
  patchSize: (configs) => configuredPatchSize(configs),
  classTokens,
});

/**
 * CLIP puts a class token before its patches; SigLIP has none. The `default` strategy drops its feature, which the
 * processor's number of additional tokens does not tell.
 */
function classTokens(configs: ModelConfigs): number {
  const strategy =
    configs.processor["vision_feature_select_strategy"] ?? configs.config["vision_feature_select_strategy"];
  if (strategy !== "full") return 0;
  const additional = configs.processor["num_additional_image_tokens"];
  if (typeof additional === "number") return additional;
  return subConfig(configs, "vision_config")["model_type"] === "clip_vision_model" ? 1 : 0;
}
