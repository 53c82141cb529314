import { Gemma3ForConditionalGeneration } from "@huggingface/transformers";
import { DexarError } from "../../../core/errors.js";
import { configCount } from "../configCount.js";
import type { Family, ModelConfigs } from "../family.js";
import { gridFamily } from "../grid/gridFamily.js";

const START = "<start_of_image>";
const END = "<end_of_image>";

const grid = gridFamily({
  name: "gemma3",
  modelTypes: ["gemma3"],
  modelClass: Gemma3ForConditionalGeneration,
  severalPictures: true,
  patchSize: tokenSize,
});

/**
 * Gemma 3: the picture becomes a square whose patches are averaged in blocks, one token a block. The template marks its
 * place with `<start_of_image>` alone; blank lines, the tokens and `<end_of_image>` are put around it, as in Python.
 * Decoders for transformers.js are causal over the picture's tokens, too: nothing tells them which those are.
 */
export const gemma3: Family = {
  ...grid,
  layout(picture, configs, resize) {
    if (configs.image["do_pan_and_scan"] === true) throw panAndScan();
    return grid.layout(picture, configs, resize);
  },
  placeholder: () => START,
  process: (call) =>
    grid.process({
      ...call,
      text: call.text.replaceAll(START, `\n\n${START}${call.imageToken.text}${END}\n\n`),
    }),
};

/** Side of the square that one token stands for, in pixels of the model's input. */
function tokenSize({ config }: ModelConfigs): number {
  const count = (path: string) => configCount(config, path, "config.json");
  const patch = count("vision_config.patch_size");
  const patches = Math.floor(count("vision_config.image_size") / patch);
  const tokens = Math.floor(Math.sqrt(count("mm_tokens_per_image")));
  return patch * Math.floor(patches / tokens);
}

function panAndScan(): DexarError {
  return new DexarError(
    "image-layout-unknown",
    "preprocessor_config.json asks for crops of long pictures beside the whole one (do_pan_and_scan), which this program does not make.",
    "Set do_pan_and_scan to false there, as in Google's own files: the model then sees the whole picture alone.",
  );
}
