import type { LlavaForConditionalGeneration } from "@huggingface/transformers";
import type { Picture } from "../image/picture.js";
import type { ImageLayout } from "./llava/geometry.js";

/** JSON files of a model folder. */
export interface ModelConfigs {
  /** config.json */
  readonly config: Readonly<Record<string, unknown>>;
  /** preprocessor_config.json */
  readonly image: Readonly<Record<string, unknown>>;
  /** processor_config.json, `{}` when absent */
  readonly processor: Readonly<Record<string, unknown>>;
}

/** What differs between model families; the engine itself knows no model names. */
export interface Family {
  readonly name: string;
  /** `model_type` values of config.json. */
  readonly modelTypes: readonly string[];
  /** The transformers.js class that merges embeddings and generates. */
  readonly modelClass: typeof LlavaForConditionalGeneration;
  /** Where the image tokens lie in the picture. */
  layout(
    picture: Pick<Picture, "width" | "height">,
    configs: ModelConfigs,
    resize: "python" | "transformers.js",
  ): ImageLayout;
  /** Settings of the processor that transformers.js would read differently than Python does. */
  adjustProcessor(processorConfig: Record<string, unknown>, configs: ModelConfigs): void;
}
