import { Lfm2VlForConditionalGeneration } from "@huggingface/transformers";
import type { Family } from "../family.js";
import { viewsLayout } from "./geometry.js";
import { viewInputs } from "./inputs.js";
import { openLfm2Processor } from "./openProcessor.js";

/** LFM2-VL: one grid that follows the picture's shape, or tiles and a thumbnail. */
export const lfm2Vl: Family = {
  name: "lfm2-vl",
  modelTypes: ["lfm2_vl"],
  modelClass: Lfm2VlForConditionalGeneration,
  layout: viewsLayout,
  process: viewInputs,
  openProcessor: openLfm2Processor,
};
