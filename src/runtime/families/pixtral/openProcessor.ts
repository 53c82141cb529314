import {
  AutoTokenizer,
  PixtralImageProcessor,
  PixtralProcessor,
  type Processor,
} from "@huggingface/transformers";
import { readModelJson } from "../../model/modelFiles.js";
import { readChatTemplate } from "../chatTemplate.js";
import { configuredPatchSize } from "../grid/patchSize.js";
import { spatialMergeSize } from "./geometry.js";

/** Marks of Python's processor where processor_config.json names none. */
const MARKS = { image_token: "[IMG]", image_break_token: "[IMG_BREAK]", image_end_token: "[IMG_END]" };

/**
 * Pixtral's processor with one size of patch for picture and text: transformers.js reads it from two files, of which
 * one may not have it, or have it as height and width.
 */
export async function openPixtralProcessor(modelDir: string): Promise<Processor> {
  const configs = {
    config: readModelJson(modelDir, "config.json"),
    image: readModelJson(modelDir, "preprocessor_config.json"),
    processor: readModelJson(modelDir, "processor_config.json", true),
  };
  const tokenizer = await AutoTokenizer.from_pretrained(modelDir);
  const sizes = { patch_size: configuredPatchSize(configs), spatial_merge_size: spatialMergeSize(configs) };
  const imageConfig: object = { ...configs.image, ...sizes };
  return new PixtralProcessor(
    { ...MARKS, ...configs.processor, ...sizes },
    {
      tokenizer,
      image_processor: new PixtralImageProcessor(imageConfig),
    },
    readChatTemplate(modelDir),
  );
}
