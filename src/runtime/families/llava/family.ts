import { LlavaForConditionalGeneration } from "@huggingface/transformers";
import { DexarError } from "../../../core/errors.js";
import type { Family, ModelConfigs } from "../family.js";
import { imageLayout } from "./geometry.js";

/** LLaVA: one grid of square patches, row by row, in place of the image placeholder. */
export const llava: Family = {
  name: "llava",
  modelTypes: ["llava"],
  modelClass: LlavaForConditionalGeneration,
  layout: (picture, configs, resize) => imageLayout(picture, configs.image, patchSize(configs), resize),
  adjustProcessor(processorConfig, configs) {
    processorConfig["patch_size"] ??= patchSize(configs);
    // The class token counts as "additional" in the config but the default strategy drops its feature.
    const additional = Number(processorConfig["num_additional_image_tokens"] ?? 0);
    const strategy =
      processorConfig["vision_feature_select_strategy"] ?? configs.config["vision_feature_select_strategy"];
    processorConfig["num_additional_image_tokens"] =
      strategy === "default" ? Math.max(0, additional - 1) : additional;
  },
};

function patchSize(configs: ModelConfigs): number {
  const vision = configs.config["vision_config"] as Record<string, unknown> | undefined;
  const size = Number(configs.processor["patch_size"] ?? vision?.["patch_size"]);
  if (Number.isInteger(size) && size > 0) return size;
  throw new DexarError(
    "model-config-damaged",
    "Neither processor_config.json nor config.json says how large an image patch is (patch_size).",
    "Take processor_config.json from the model's page.",
  );
}
