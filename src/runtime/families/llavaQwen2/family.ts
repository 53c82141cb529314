import { LlavaQwen2ForCausalLM } from "@huggingface/transformers";
import type { ModelConfigs } from "../family.js";
import { gridFamily } from "../grid/gridFamily.js";
import { configuredPatchSize } from "../grid/patchSize.js";

/** nanoLLaVA (a SigLIP tower) and FastVLM (a convolutional tower whose features stand for 64 x 64 pixels). */
export const llavaQwen2 = gridFamily({
  name: "llava-qwen2",
  modelTypes: ["llava_qwen2"],
  modelClass: LlavaQwen2ForCausalLM,
  patchSize: (configs) => configuredPatchSize(configs, patchOfTower(configs)),
});

/** Configs of the original LLaVA code name their vision tower instead of describing it. */
function patchOfTower(configs: ModelConfigs): number | undefined {
  const tower = configs.config["mm_vision_tower"];
  if (typeof tower !== "string") return undefined;
  const [, side] = /patch(\d+)/.exec(tower) ?? [];
  if (side !== undefined) return Number(side);
  return tower.startsWith("mobileclip_l") ? 64 : undefined;
}
