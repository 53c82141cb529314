import { cat, type RawImage, type Tensor } from "@huggingface/transformers";
import { configCount } from "../configCount.js";
import type { ProcessorCall } from "../family.js";
import { imageConfig } from "./imageConfig.js";

/** Patches [patches, values] and their grids [pictures, 3], and the prompt with each placeholder once per merged patch. */
export async function qwenInputs(call: ProcessorCall): Promise<Record<string, Tensor>> {
  const { processor, configs, image, others = [], text, imageToken, addSpecialTokens } = call;
  const pictures = await Promise.all([image, ...others].map((one) => patchesOf(one, call)));
  const merge = configCount(imageConfig(configs.image), "merge_size", "preprocessor_config.json");
  const counts = pictures.map(({ pixel_values }) => (pixel_values.dims[0] ?? 0) / merge ** 2);
  let picture = 0;
  // Not by the processor's own call: it would also take the user's words "<|placeholder|>" for a picture.
  const expanded = text.replaceAll(imageToken.text, () => imageToken.text.repeat(counts[picture++] ?? 1));
  const tokens = processor.tokenizer?.(expanded, { add_special_tokens: addSpecialTokens }) as Record<
    string,
    Tensor
  >;
  const joined = (name: keyof Patches): Tensor => {
    const [first, ...rest] = pictures.map((one) => one[name]);
    if (!first) throw new RangeError("a prompt without a picture");
    return rest.length === 0 ? first : cat([first, ...rest]);
  };
  return { ...tokens, pixel_values: joined("pixel_values"), image_grid_thw: joined("image_grid_thw") };
}

type Patches = Record<"pixel_values" | "image_grid_thw", Tensor>;

/** One picture a call: transformers.js takes several for the frames of a video. */
async function patchesOf(image: RawImage, { processor }: ProcessorCall): Promise<Patches> {
  return (await processor.image_processor?.(image)) as Patches;
}
