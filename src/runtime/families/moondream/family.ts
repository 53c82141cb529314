import { Moondream1ForConditionalGeneration } from "@huggingface/transformers";
import { gridFamily } from "../grid/gridFamily.js";
import { configuredPatchSize } from "../grid/patchSize.js";

/** Patch of the SigLIP tower of every moondream2; its config.json does not say. */
const PATCH_SIZE = 14;

/** Moondream 2: its tokenizer has no chat template, the model was trained on this one form of prompt. */
export const moondream = gridFamily({
  name: "moondream",
  modelTypes: ["moondream1"],
  modelClass: Moondream1ForConditionalGeneration,
  patchSize: (configs) => configuredPatchSize(configs, PATCH_SIZE),
  renderPrompt: (words, placeholder) => `${placeholder}\n\nQuestion: ${words}\n\nAnswer:`,
});
