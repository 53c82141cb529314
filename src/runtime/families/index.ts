import { DexarError } from "../../core/errors.js";
import type { Family, ModelConfigs } from "./family.js";
import { idefics3, smolvlm } from "./idefics3/family.js";
import { lfm2Vl } from "./lfm2Vl/family.js";
import { llava } from "./llava/family.js";
import { pixtral } from "./pixtral/family.js";
import { moondream } from "./moondream/family.js";
import { llavaQwen2 } from "./llavaQwen2/family.js";
import { llavaOnevision } from "./llavaOnevision/family.js";
import { qwen25Vl, qwen2Vl, qwen3Vl } from "./qwenVl/family.js";
import { florence2 } from "./florence2/family.js";
import { gemma3 } from "./gemma3/family.js";
import { phi3v } from "./phi3v/family.js";
import { paligemma } from "./paligemma/family.js";
import { refuseFamily } from "./refused.js";
import { THREE_PARTS, type ModelPart } from "./parts.js";

/** All model families, one row each. */
export const families: readonly Family[] = [
  idefics3,
  smolvlm,
  llava,
  llavaOnevision,
  llavaQwen2,
  moondream,
  pixtral,
  qwen2Vl,
  qwen25Vl,
  qwen3Vl,
  paligemma,
  gemma3,
  phi3v,
  lfm2Vl,
  florence2,
];

/** The parts of a model of this configuration; of an unknown family, those of most. */
export function partsOfFamily(configs: ModelConfigs | null): readonly ModelPart[] {
  const type = configs?.config["model_type"];
  return families.find((f) => f.modelTypes.some((known) => known === type))?.parts ?? THREE_PARTS;
}

/** The family of a model folder by its `model_type`; throws for text-only and unknown models. */
export function familyOf(configs: ModelConfigs): Family {
  const type = configs.config["model_type"];
  const family = families.find((f) => f.modelTypes.some((known) => known === type));
  if (family) return family;
  refuseFamily(type);
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
