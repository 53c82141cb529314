import { Mistral3ForConditionalGeneration, type Tensor } from "@huggingface/transformers";
import type { Family } from "../family.js";
import { pixtralLayout } from "./geometry.js";
import { openPixtralProcessor } from "./openProcessor.js";

/** Mistral 3 with Pixtral's vision: a grid in the picture's own proportions, with a mark of text after each row. */
export const pixtral: Family = {
  name: "pixtral",
  modelTypes: ["mistral3"],
  modelClass: Mistral3ForConditionalGeneration,
  layout: (picture, configs) => pixtralLayout(picture, configs),
  process: async ({ processor, image, text, addSpecialTokens }) =>
    (await processor(image, text, { add_special_tokens: addSpecialTokens })) as Record<string, Tensor>,
  openProcessor: openPixtralProcessor,
};
