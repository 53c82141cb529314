import { Idefics3ForConditionalGeneration, SmolVLMForConditionalGeneration } from "@huggingface/transformers";
import type { Family } from "../family.js";
import { openGridProcessor } from "../grid/openGridProcessor.js";
import { tilesLayout } from "./geometry.js";
import { tileInputs } from "./inputs.js";

const shared = {
  layout: tilesLayout,
  process: tileInputs,
  severalPictures: true,
  openProcessor: openGridProcessor,
} satisfies Partial<Family>;

/** Idefics3, SmolVLM, SmolDocling and Granite-Docling: tiles, and the whole picture last. */
export const idefics3: Family = {
  ...shared,
  name: "idefics3",
  modelTypes: ["idefics3"],
  modelClass: Idefics3ForConditionalGeneration,
};

/** SmolVLM2, whose pictures go the same way. */
export const smolvlm: Family = {
  ...shared,
  name: "smolvlm",
  modelTypes: ["smolvlm"],
  modelClass: SmolVLMForConditionalGeneration,
};
