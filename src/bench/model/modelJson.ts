import { PATCH } from "./imageGraphs.js";
import { MAX_POSITIONS, type BenchShape } from "./shapes.js";

const UNKNOWN = { id: 0, text: "<unk>" };
const IMAGE = { id: 1, text: "<image>" };

/** Rows and columns of image tokens whose product is `count`, as near to a square as can be. */
export function gridOf(count: number): { rows: number; cols: number } {
  let rows = Math.floor(Math.sqrt(count));
  while (count % rows !== 0) rows--;
  return { rows, cols: count / rows };
}

/** A prompt of `count` tokens; `variant` makes it another one from its first word on. */
export function promptOfWords(shape: BenchShape, count: number, variant = 0): string {
  const first = 2;
  const word = (i: number) => first + ((i * 7 + variant * 101) % (shape.vocabulary - first));
  return Array.from({ length: count }, (_, i) => `w${word(i)}`).join(" ");
}

/** The JSON files of a model folder, by name: LLaVA's layout with one grid of `imageTokens` cells. */
export function modelJson(shape: BenchShape, imageTokens: number): Readonly<Record<string, unknown>> {
  const { rows, cols } = gridOf(imageTokens);
  return {
    "config.json": config(shape, imageTokens),
    // Without an end token answers have the length that is asked for.
    "generation_config.json": {},
    "preprocessor_config.json": {
      image_processor_type: "CLIPImageProcessor",
      processor_class: "LlavaProcessor",
      do_convert_rgb: true,
      do_resize: true,
      do_center_crop: false,
      do_rescale: true,
      do_normalize: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
      rescale_factor: 1 / 255,
      resample: 3,
      size: { height: rows * PATCH, width: cols * PATCH },
    },
    "processor_config.json": {
      processor_class: "LlavaProcessor",
      image_token: IMAGE.text,
      num_additional_image_tokens: 0,
      patch_size: PATCH,
      vision_feature_select_strategy: "full",
    },
    "tokenizer.json": tokenizer(shape.vocabulary),
    "tokenizer_config.json": {
      tokenizer_class: "PreTrainedTokenizerFast",
      unk_token: UNKNOWN.text,
      clean_up_tokenization_spaces: false,
      model_max_length: MAX_POSITIONS,
      chat_template:
        "{% for part in messages[0]['content'] %}{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}{% endfor %}",
    },
  };
}

function config(shape: BenchShape, imageTokens: number): unknown {
  return {
    architectures: ["LlavaForConditionalGeneration"],
    model_type: "llava",
    image_token_index: IMAGE.id,
    image_seq_length: imageTokens,
    vision_feature_select_strategy: "full",
    text_config: {
      model_type: "llama",
      vocab_size: shape.vocabulary,
      hidden_size: shape.hidden,
      intermediate_size: shape.mlp,
      num_hidden_layers: shape.layers,
      num_attention_heads: shape.heads,
      num_key_value_heads: shape.kvHeads,
      head_dim: shape.headSize,
      max_position_embeddings: MAX_POSITIONS,
    },
    vision_config: { model_type: "clip_vision_model", patch_size: PATCH },
  };
}

/** One word for each id: `w<id>`. */
function tokenizer(vocabulary: number): unknown {
  const special = [UNKNOWN, IMAGE];
  const words = Array.from({ length: vocabulary }, (_, id) => [special[id]?.text ?? `w${id}`, id]);
  return {
    version: "1.0",
    added_tokens: special.map(({ id, text }) => ({
      id,
      content: text,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: null,
    decoder: { type: "WordPiece", prefix: "##", cleanup: false },
    model: {
      type: "WordPiece",
      unk_token: UNKNOWN.text,
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(words) as Record<string, number>,
    },
  };
}
