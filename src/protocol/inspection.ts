import type { AnswerSize, MemoryEstimate, ModelMemory } from "../core/memory/types.js";
import type { Rectangle } from "../core/run/types.js";
import type { DeviceFact } from "./doctor.js";

/** A file a model folder has or should have. */
export interface InspectedFile {
  readonly name: string;
  readonly present: boolean;
  /** 0 when missing. */
  readonly bytes: number;
}

/** One reason why a model folder cannot be explained. */
export interface ModelProblem {
  readonly code: string;
  readonly message: string;
  readonly nextStep: string;
}

/** What a model in one weight type takes of memory, on the CPU. */
export interface InspectedMemory {
  /** Of the decoder; the other parts are as `chooseDtypes` has them. */
  readonly dtype: string;
  readonly weights: ModelMemory["weights"];
  readonly generate: MemoryEstimate;
  readonly explain: MemoryEstimate;
}

/** The answer for which memory is estimated, and the picture; what is absent is as in a usual question. */
export interface InspectedAnswer {
  readonly imageTokens?: number;
  /** Positions of the prompt beside the image's. */
  readonly textTokens?: number;
  readonly answerTokens?: number;
  /** A picture whose image tokens are asked for; absent: one of 640 x 480. */
  readonly imagePath?: string;
}

/** How a picture becomes image tokens. */
export interface InspectedPicture {
  /** File name; null for the example. */
  readonly name: string | null;
  /** Of the upright picture in pixels. */
  readonly width: number;
  readonly height: number;
  /** The part that the model sees. */
  readonly seen: Rectangle;
  /** One rectangle per image token, in the tokens' order. */
  readonly cells: readonly Rectangle[];
}

/** What `dexar models inspect` found, without running the model; null where it could not be found out. */
export interface ModelInspection {
  readonly dir: string;
  readonly family: string | null;
  readonly files: readonly InspectedFile[];
  /** Weight types with a decoder in the folder: `fp32`, `q4`, … */
  readonly dtypes: readonly string[];
  readonly graphStyle: "fused" | "decomposed" | null;
  readonly layers: number | null;
  readonly heads: number | null;
  readonly kvHeads: number | null;
  readonly headSize: number | null;
  readonly vocabulary: number | null;
  /** How the picture becomes image tokens, in words (for example `24 x 24 cells of 14 px, centre crop 336`). */
  readonly geometry: string | null;
  /** The same in numbers; absent where it is not known. */
  readonly picture?: InspectedPicture;
  /** The memory of an answer of this size in each weight type, as the graphs tell it; no weights are read. */
  readonly memory: { readonly answer: AnswerSize; readonly dtypes: readonly InspectedMemory[] };
  /** Where the model could run on this machine. */
  readonly devices?: readonly DeviceFact[];
  readonly problems: readonly ModelProblem[];
  /** What to do with the model, in sentences. */
  readonly advice?: readonly string[];
}
