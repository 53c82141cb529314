import { PaliGemmaForConditionalGeneration } from "@huggingface/transformers";
import type { Family } from "../family.js";
import { gridFamily } from "../grid/gridFamily.js";
import { configuredPatchSize } from "../grid/patchSize.js";

const grid = gridFamily({
  name: "paligemma",
  modelTypes: ["paligemma"],
  modelClass: PaliGemmaForConditionalGeneration,
  patchSize: (configs) => configuredPatchSize(configs),
  renderPrompt: (words, placeholder, { tokenizer }) =>
    `${placeholder}${tokenizer?.bos_token ?? "<bos>"}${words}\n`,
});

/**
 * PaliGemma 1 and 2: the picture becomes a square, its tokens come first, and they and the question attend to all of
 * each other. Prompts are made from the words alone, as Python's PaliGemmaProcessor does: picture, `<bos>`, words, line
 * end; the tokenizer adds nothing to that.
 */
export const paligemma: Family = {
  ...grid,
  promptIsCausal: false,
  process: (call) => grid.process({ ...call, addSpecialTokens: false }),
};
