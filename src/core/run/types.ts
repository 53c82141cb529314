import type { TextSet, AttributionSettings } from "../attribution/settings.js";
import type { GenerationExtras } from "./generationExtras.js";

/** A rectangle in pixels of the upright original image: left, top, width, height. */
export type Rectangle = readonly [x: number, y: number, width: number, height: number];

/** A token the model could have chosen, natural-log probability. */
export interface Alternative {
  readonly id: number;
  readonly text: string;
  readonly logprob: number;
}

/** One explained token of the answer. */
export interface RunToken {
  readonly id: number;
  readonly text: string;
  readonly kind: "generated" | "forced";
  readonly logprob: number;
  readonly alternatives: readonly Alternative[];
  /** True for the end-of-sequence token: explained, but not summed into the sequence heatmap by default. */
  readonly stop: boolean;
}

/** One position of the expanded prompt. */
export interface PromptToken {
  readonly text: string;
  /** `image`: an image token; `special`: template or special token; `text`: the user's words, the system prompt's among them. */
  readonly kind: "image" | "special" | "text";
  /**
   * The characters of `prompt.text` it stands for: half-open range of UTF-16 offsets. A character of several tokens
   * belongs to each of them; null for what the template adds, the system prompt and image tokens; absent in runs of older versions.
   */
  readonly span?: readonly [from: number, to: number] | null;
}

export interface RunFileHash {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface RunModel {
  readonly name: string;
  readonly family: string;
  readonly files: readonly RunFileHash[];
  readonly dtype: string;
  readonly device: string;
  readonly layers: number;
  readonly heads: number;
  /**
   * Present for models with an encoder: A is the cross-attention, prompt positions are those of the encoder (image
   * tokens first), and the gradient is zero at the positions of answer tokens, which the encoder does not have.
   */
  readonly attends?: "encoder";
  /**
   * Present where only some of the model's layers attend (the others are short convolutions): the model's own number of
   * each explained layer [layers], which are counted L0, L1, … here.
   */
  readonly layerNumbers?: readonly number[];
}

/** One of several pictures of a prompt. */
export interface RunPicture {
  readonly name: string;
  /** Of its own file. */
  readonly sha256: string;
  /** Where it lies on the run's image, in pixels: there it is pixel by pixel as it was. */
  readonly place: Rectangle;
  /** The part of it the model saw, on the run's image. */
  readonly seen: Rectangle;
  /** How many of the image tokens are its own; they follow those of the pictures before it. */
  readonly tokens: number;
}

/** `run.json` of a run file, version 1 (design/run-file.md). */
export interface RunInfo {
  readonly format: "dexar-run";
  readonly version: 1;
  readonly id: string;
  readonly tool: string;
  readonly time: string;
  readonly model: RunModel;
  readonly prompt: {
    readonly text: string;
    readonly rendered: string;
    readonly tokens: readonly PromptToken[];
  };
  /** `repetitionPenalty` is the one that was used, whoever asked for it; absent where there was none. */
  readonly generation: GenerationExtras & {
    readonly mode: "generated" | "forced";
    readonly maxNewTokens: number;
    readonly temperature: number;
    readonly topK: number;
    readonly seed: number | null;
    /** Why the answer ended. */
    readonly finish: "stop" | "length" | "target" | "cancelled";
    /** The stop string that ended the answer; absent when none did. */
    readonly stopString?: string;
    /** The run that this one goes on from, and how many of its tokens are the first ones here. */
    readonly continued?: { readonly run: string; readonly tokens: number };
  };
  readonly image: {
    readonly name: string;
    /** Name of the entry with the image's own bytes (`image.png`, …). */
    readonly entry: string;
    readonly width: number;
    readonly height: number;
    readonly sha256: string;
    /** The part of the picture the model saw (all of it, or a centre crop). */
    readonly seen: Rectangle;
  };
  /** The pictures of a prompt with several, in their order; `image` is then a sheet that shows them all. */
  readonly images?: readonly RunPicture[];
  readonly tokens: readonly RunToken[];
  /** One rectangle per image token, same order as `image_positions`. */
  readonly cells: readonly Rectangle[];
  readonly settings: AttributionSettings;
  readonly timings: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  /** True when the run was interrupted: the tokens here are finished, the answer is not. */
  readonly partial: boolean;
}

/** The arrays of a run. S prompt positions, T tokens, L layers, H heads, N image tokens, P = S + T - 1. */
export interface RunArrays {
  /** int64 in the file; [S + T]. */
  readonly inputIds: Int32Array;
  /** [N] */
  readonly imagePositions: Int32Array;
  /** Signed dA [T, L, H, P], zero beyond the causal limit; null when left out (`--no-gradient`). */
  readonly gradient: Float32Array | null;
  /**
   * dA of the last layer with the final norm applied twice [T, H, P], as the authors' published code does:
   * what the `reference` preset needs in place of the last layer of `gradient`. Null when left out.
   */
  readonly gradientReferenceLast: Float32Array | null;
  /** [T, L] */
  readonly lensLogit: Float32Array;
}

/** An explanation with everything needed to reopen and re-filter it without the model. */
export interface Run {
  readonly info: RunInfo;
  /** The image file's own bytes. */
  readonly image: Uint8Array;
  readonly arrays: RunArrays;
}

export type { TextSet, AttributionSettings };
