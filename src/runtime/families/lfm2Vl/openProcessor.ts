import type { Processor } from "@huggingface/transformers";
import { openGridProcessor } from "../grid/openGridProcessor.js";

/**
 * The processor of a model folder. Python's takes no notice of `size`, to which transformers.js would first resize
 * every picture, so that none were cut into tiles.
 */
export async function openLfm2Processor(modelDir: string): Promise<Processor> {
  const processor = await openGridProcessor(modelDir);
  if (processor.image_processor) processor.image_processor.do_resize = false;
  return processor;
}
