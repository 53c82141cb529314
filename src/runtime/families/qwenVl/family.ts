import {
  Qwen2_5_VLForConditionalGeneration,
  Qwen2VLForConditionalGeneration,
  Qwen3VLForConditionalGeneration,
} from "@huggingface/transformers";
import type { Family } from "../family.js";
import { bothShapes } from "./bothShapes.js";
import { qwenLayout } from "./geometry.js";
import { goOnFromCache } from "./goOnFromCache.js";
import { qwenInputs } from "./inputs.js";
import { openQwenProcessor } from "./openProcessor.js";

/** What all Qwen-VL models share: a grid that follows the picture's shape, and positions in three directions. */
const shared = {
  layout: qwenLayout,
  process: qwenInputs,
  severalPictures: true,
  openProcessor: openQwenProcessor,
  adjustConfig: bothShapes,
  adjustModel: goOnFromCache,
} satisfies Partial<Family>;

/** Qwen2-VL */
export const qwen2Vl: Family = {
  ...shared,
  name: "qwen2-vl",
  modelTypes: ["qwen2_vl"],
  modelClass: Qwen2VLForConditionalGeneration,
};

/** Qwen2.5-VL */
export const qwen25Vl: Family = {
  ...shared,
  name: "qwen2.5-vl",
  modelTypes: ["qwen2_5_vl"],
  modelClass: Qwen2_5_VLForConditionalGeneration,
};

/** Qwen3-VL, as far as transformers.js runs it: the picture's features go in once, before the first layer. */
export const qwen3Vl: Family = {
  ...shared,
  name: "qwen3-vl",
  modelTypes: ["qwen3_vl"],
  modelClass: Qwen3VLForConditionalGeneration,
};
