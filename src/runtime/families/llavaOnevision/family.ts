import { LlavaOnevisionForConditionalGeneration } from "@huggingface/transformers";
import { gridFamily } from "../grid/gridFamily.js";
import { configuredPatchSize } from "../grid/patchSize.js";

/**
 * LLaVA-OneVision as transformers.js runs it: the whole picture in one grid, none of the enlarged tiles that Python
 * adds for large pictures, and no row-end feature.
 */
export const llavaOnevision = gridFamily({
  name: "llava-onevision",
  modelTypes: ["llava_onevision"],
  modelClass: LlavaOnevisionForConditionalGeneration,
  severalPictures: true,
  patchSize: (configs) => configuredPatchSize(configs),
});
