import { AutoImageProcessor, AutoTokenizer, LlavaProcessor, type Processor } from "@huggingface/transformers";
import { readChatTemplate } from "../chatTemplate.js";

/**
 * Tokenizer, image processor and chat template of a model folder. `AutoProcessor` gives no tokenizer where
 * transformers.js has no class for the folder's processor, and reads no template from a file of its own.
 */
export async function openGridProcessor(modelDir: string): Promise<Processor> {
  const [tokenizer, imageProcessor] = await Promise.all([
    AutoTokenizer.from_pretrained(modelDir),
    AutoImageProcessor.from_pretrained(modelDir),
  ]);
  return new LlavaProcessor({}, { tokenizer, image_processor: imageProcessor }, readChatTemplate(modelDir));
}
