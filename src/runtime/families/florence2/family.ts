import {
  Florence2ForConditionalGeneration,
  type PreTrainedModel,
  type Tensor,
} from "@huggingface/transformers";
import { configCount } from "../configCount.js";
import type { Family, ModelConfigs, ProcessorCall } from "../family.js";
import { textInputs } from "../textInputs.js";
import { florenceLayout } from "./geometry.js";
import { constructPrompt, taskOf } from "./tasks.js";

/** Stands for the picture in a rendered prompt; the model itself puts the picture's features before the text. */
const PLACEHOLDER = "<image>";

/**
 * Florence-2: an encoder reads picture and task prompt, a decoder attends to it. Explained is the decoder's
 * cross-attention, so the positions are those of the encoder: the image tokens first, then the prompt.
 */
export const florence2: Family = {
  name: "florence2",
  modelTypes: ["florence2"],
  modelClass: Florence2ForConditionalGeneration,
  parts: [
    { session: "vision_encoder", file: "vision_encoder", role: "vision" },
    { session: "embed_tokens", file: "embed_tokens", role: "embedding" },
    { session: "model", file: "encoder_model", role: "encoder" },
    { session: "decoder_model_merged", file: "decoder_model_merged", role: "decoder" },
  ],
  layout: florenceLayout,
  imageToken: ({ config }) => ({ id: imageTokenId(config), text: PLACEHOLDER }),
  renderPrompt: (words, placeholder, processor) => placeholder + constructPrompt(processor, words),
  taskOf,
  pictureFirst: true,
  process: withImageTokens,
  adjustModel: takeImageTokensOut,
  // The encoder reads all of the prompt at once, and the decoder begins after it.
  promptIsCausal: false,
};

/** Microsoft's files have no such token: the first id after the vocabulary, as in transformers' own conversion. */
function imageTokenId(config: ModelConfigs["config"]): number {
  const given = config["image_token_id"] ?? config["image_token_index"];
  return Number(given ?? configCount(config, "text_config.vocab_size", "config.json"));
}

/** The processor's inputs, with an id for each image token before the text's. */
async function withImageTokens(call: ProcessorCall): Promise<Record<string, Tensor>> {
  const { processor, image, text, imageToken, addSpecialTokens, configs } = call;
  const words = text.replace(imageToken.text, "");
  // Two calls, because transformers.js's processor leaves an empty text out.
  const made = (await processor(image)) as Record<string, Tensor>;
  const tokens = processor.tokenizer?.encode(words, { add_special_tokens: addSpecialTokens }) ?? [];
  const count = imageTokenCount(configs, made["pixel_values"] as Tensor);
  return { ...made, ...textInputs([...new Array<number>(count).fill(imageToken.id), ...tokens]) };
}

function imageTokenCount(configs: ModelConfigs, pixels: Tensor): number {
  const [height = 0, width = 0] = pixels.dims.slice(-2);
  return florenceLayout({ width, height }, configs, "python").cells.length;
}

type Inputs = Record<"input_ids" | "attention_mask" | "pixel_values", Tensor | undefined>;

/** transformers.js puts the features before the text by itself and wants the text's ids alone. */
function takeImageTokensOut(model: PreTrainedModel): void {
  const merging = model as unknown as { _prepare_inputs_embeds(inputs: Inputs): Promise<unknown> };
  const merge = merging._prepare_inputs_embeds.bind(model);
  const imageToken = BigInt(imageTokenId((model as unknown as Pick<ModelConfigs, "config">).config));
  merging._prepare_inputs_embeds = (inputs) => merge(withoutImageTokens(inputs, imageToken));
}

function withoutImageTokens(inputs: Inputs, imageToken: bigint): Inputs {
  const { input_ids: ids, attention_mask: mask } = inputs;
  if (!ids || !mask || !inputs.pixel_values) return inputs;
  const first = (ids.data as BigInt64Array).findIndex((id) => id !== imageToken);
  const rest = (tensor: Tensor) => tensor.slice(null, [first, tensor.dims[1] ?? 0]);
  return { ...inputs, input_ids: rest(ids), attention_mask: rest(mask) };
}
