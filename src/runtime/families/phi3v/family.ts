import { Phi3VForCausalLM, type Processor, Tensor } from "@huggingface/transformers";
import { DexarError } from "../../../core/errors.js";
import { PilImage } from "../../image/pilImage.js";
import type { Family, ProcessorCall } from "../family.js";
import { textInputs } from "../textInputs.js";
import { cropsOf, hdGrid, hdLayout, imageTokens, TILE } from "./geometry.js";
import { hdPixels } from "./pixels.js";

const IMAGE_TOKEN = "<|image|>";
/** What prompts of this family hold for their first picture. */
const PLACEHOLDER = "<|image_1|>";

/**
 * Phi-3-vision and Phi-3.5-vision: tiles and the picture as a whole, separators between rows and between the two, which
 * all stand in the prompt as negative ids. Separators come from the vision encoder, too: they count as image tokens, at
 * no place.
 */
export const phi3v: Family = {
  name: "phi3v",
  modelTypes: ["phi3_v"],
  modelClass: Phi3VForCausalLM,
  parts: [
    { session: "vision_encoder", file: "vision_encoder", role: "vision" },
    { session: "prepare_inputs_embeds", file: "prepare_inputs_embeds", role: "embedding" },
    { session: "model", file: "model", role: "decoder" },
  ],
  layout: hdLayout,
  imageToken: (_, processor) => ({ id: -imageTokenId(processor), text: IMAGE_TOKEN }),
  placeholder: () => PLACEHOLDER,
  async process(call) {
    const pictures = call.image instanceof PilImage ? await pythonPixels(call) : await javascriptPixels(call);
    const count = imageTokens(pictures);
    const expanded = call.text.replace(PLACEHOLDER, () => IMAGE_TOKEN.repeat(count));
    const image = imageTokenId(call.processor);
    const ids =
      call.processor.tokenizer?.encode(expanded, { add_special_tokens: call.addSpecialTokens }) ?? [];
    const sizes = BigInt64Array.of(BigInt(pictures.rows * TILE), BigInt(pictures.cols * TILE));
    return {
      ...textInputs(ids.map((id) => (id === image ? -id : id))),
      pixel_values: pictures.pixels,
      image_sizes: new Tensor("int64", sizes, [1, 2]),
    };
  },
};

interface Pictures {
  readonly pixels: Tensor;
  readonly rows: number;
  readonly cols: number;
}

async function pythonPixels({ image, configs }: ProcessorCall): Promise<Pictures> {
  const crops = cropsOf(configs);
  const grid = hdGrid(image, crops, "python");
  return { ...grid, pixels: await hdPixels(image as PilImage, grid, crops, configs.image) };
}

async function javascriptPixels({ processor, image, configs }: ProcessorCall): Promise<Pictures> {
  const grid = hdGrid(image, cropsOf(configs), "transformers.js");
  const { pixel_values } = (await processor.image_processor?.(image)) as { pixel_values: Tensor };
  return { ...grid, pixels: pixel_values };
}

function imageTokenId({ tokenizer }: Processor): number {
  const id = tokenizer?._tokenizer.token_to_id(IMAGE_TOKEN);
  if (id !== undefined) return id;
  throw new DexarError(
    "model-config-damaged",
    `The model's tokenizer has no token ${IMAGE_TOKEN}, which stands for a picture.`,
    "Take tokenizer.json and tokenizer_config.json from the model's page.",
  );
}
