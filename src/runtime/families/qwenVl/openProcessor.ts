import {
  AutoTokenizer,
  Qwen2VLImageProcessor,
  Qwen2VLProcessor,
  type Processor,
  type RawImage,
} from "@huggingface/transformers";
import { PilImage } from "../../image/pilImage.js";
import { readModelJson } from "../../model/modelFiles.js";
import { readChatTemplate } from "../chatTemplate.js";
import type { ModelConfigs } from "../family.js";
import { imageConfig, pixelBudget } from "./imageConfig.js";
import { smartResize } from "./smartResize.js";

/** Tokenizer, image processor and chat template of a folder; pictures of ours get the size and the steps of Python. */
export async function openQwenProcessor(modelDir: string): Promise<Processor> {
  const tokenizer = await AutoTokenizer.from_pretrained(modelDir);
  const image = readModelJson(modelDir, "preprocessor_config.json");
  const components = { tokenizer, image_processor: pythonImageProcessor(image) };
  return new Qwen2VLProcessor({}, components, readChatTemplate(modelDir));
}

/** The image processor of a preprocessor_config.json. */
export function pythonImageProcessor(image: ModelConfigs["image"]): Qwen2VLImageProcessor {
  return new PythonImageProcessor(imageConfig(image));
}

class PythonImageProcessor extends Qwen2VLImageProcessor {
  override get_resize_output_image_size(image: RawImage, size: unknown): [number, number] {
    if (!(image instanceof PilImage)) return super.get_resize_output_image_size(image, size);
    const { width, height } = smartResize(image, pixelBudget(this.config), "python");
    return [width, height];
  }
}
