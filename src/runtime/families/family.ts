import type { PreTrainedModel, Processor, RawImage, Tensor } from "@huggingface/transformers";
import type { Picture } from "../image/picture.js";
import type { SizeRule } from "../image/resizedSize.js";
import type { ImageLayout } from "./layout.js";
import type { ModelPart } from "./parts.js";

/** JSON files of a model folder. */
export interface ModelConfigs {
  /** config.json */
  readonly config: Readonly<Record<string, unknown>>;
  /** preprocessor_config.json */
  readonly image: Readonly<Record<string, unknown>>;
  /** processor_config.json, `{}` when absent */
  readonly processor: Readonly<Record<string, unknown>>;
}

/** The token that stands for a piece of the picture. */
export interface ImageToken {
  readonly id: number;
  readonly text: string;
}

/** What a processor turns into the inputs of a model. */
export interface ProcessorCall {
  readonly processor: Processor;
  readonly configs: ModelConfigs;
  readonly image: RawImage;
  /** Further pictures of the prompt, each with a placeholder of its own; only for families that take several. */
  readonly others?: readonly RawImage[];
  /** The rendered prompt, with the picture's placeholder once. */
  readonly text: string;
  readonly imageToken: ImageToken;
  /** Whether the tokenizer adds its own special tokens: not where the text begins with them. */
  readonly addSpecialTokens: boolean;
}

/** What differs between model families; the engine itself knows no model names. */
export interface Family {
  readonly name: string;
  /** `model_type` values of config.json. */
  readonly modelTypes: readonly string[];
  /** The transformers.js class that merges embeddings and generates. */
  readonly modelClass: typeof PreTrainedModel;
  /** Its graphs; vision encoder, token embedding and decoder when absent. */
  readonly parts?: readonly ModelPart[];
  /** Where the image tokens lie in the picture; throws `image-layout-unknown` or `image-too-narrow`. */
  layout(picture: Pick<Picture, "width" | "height">, configs: ModelConfigs, resize: SizeRule): ImageLayout;
  /** Prompts may hold several pictures: `process` takes `others`. */
  readonly severalPictures?: true;
  /** The model's inputs: input_ids with every image token, attention_mask, pixel_values and what else it takes. */
  process(call: ProcessorCall): Promise<Record<string, Tensor>>;
  /** Settings of the processor that transformers.js would read differently than Python does. */
  adjustProcessor?(processorConfig: Record<string, unknown>, configs: ModelConfigs): void;
  /** config.json as transformers.js reads it, where published ones are written in another way. */
  adjustConfig?(configs: ModelConfigs): Record<string, unknown>;
  /** What transformers.js's model does wrong for this family. */
  adjustModel?(model: PreTrainedModel): void;
  /** The processor, where transformers.js's `AutoProcessor` does not know the family. */
  openProcessor?(modelDir: string): Promise<Processor>;
  /** The image token, where config.json does not name it (`image_token_index` or `image_token_id`). */
  imageToken?(configs: ModelConfigs, processor: Processor): ImageToken;
  /** What a rendered prompt holds once for a picture, where it is not the image token's own text. */
  placeholder?(imageToken: ImageToken, processor: Processor): string;
  /** How the user's words become a prompt, where models of the family have no chat template; holds the placeholder once. */
  renderPrompt?(words: string, placeholder: string, processor: Processor): string;
  /** The task's name at the beginning of the user's words that the prompt has another text for; empty for none. */
  taskOf?(words: string, processor: Processor): string;
  /** True where the model puts the picture's features before the text by itself: the placeholder is no token. */
  readonly pictureFirst?: true;
  /**
   * False where a position of the prompt attends to later ones: what an earlier question left in the cache is of no
   * use to another one, and a forced answer goes through the decoder after the prompt.
   */
  readonly promptIsCausal?: false;
}
