import { DexarError } from "../../core/errors.js";
import type { Family, ModelConfigs } from "./family.js";
import { llava } from "./llava/family.js";

/** All model families, one row each. */
export const families: readonly Family[] = [llava];

/** The family of a model folder by its `model_type`; throws for text-only and unknown models. */
export function familyOf(configs: ModelConfigs): Family {
  const type = configs.config["model_type"];
  const family = families.find((f) => f.modelTypes.some((known) => known === type));
  if (family) return family;
  if (!("vision_config" in configs.config)) {
    throw new DexarError(
      "text-only-model",
      `The model is text-only (model_type ${JSON.stringify(type)} without vision_config): there is no image to explain.`,
      "Choose a vision-language model.",
    );
  }
  throw new DexarError(
    "unknown-family",
    `Models of type ${JSON.stringify(type)} are not supported yet.`,
    `Supported types: ${families.flatMap((f) => f.modelTypes).join(", ")}.`,
  );
}
