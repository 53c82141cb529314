import type { Run, Alternative } from "../core/run/types.js";
import type { AttributionSettings } from "../core/attribution/settings.js";

/** Bumped when a message changes meaning; both ends refuse another version. */
export const PROTOCOL_VERSION = 1;

export type Device = "auto" | "cpu" | "webgpu" | "cuda" | "dml" | "coreml";

export interface LoadRequest {
  readonly modelDir: string;
  readonly device: Device;
  /** `fp32`, `fp16`, `q4`, `q4f16`, …; null: the best available (fp32 first). */
  readonly dtype: string | null;
}

export interface LoadedModel {
  readonly name: string;
  readonly family: string;
  readonly dtype: string;
  readonly device: string;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly maxPositions: number;
}

/** What to say to the model and how it answers; shared by explain and generate. */
export interface GenerateRequest {
  readonly imagePath: string;
  readonly prompt: string;
  readonly rawPrompt: boolean;
  readonly target: { readonly text: string } | { readonly ids: readonly number[] } | null;
  readonly maxNewTokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly seed: number | null;
  /** `pil` (default): as the Python processor resizes; `transformers.js`: its own resize, for comparison. */
  readonly resize: "pil" | "transformers.js";
  /** A float32 .npy file that replaces the processor's pixel values. */
  readonly pixelValuesPath: string | null;
}

export interface ExplainRequest extends GenerateRequest {
  /** Explain every this many tokens (1 = live). */
  readonly captureEvery: number;
  readonly settings: Partial<AttributionSettings>;
}

export interface GeneratedText {
  readonly ids: readonly number[];
  readonly text: string;
  readonly finish: "stop" | "length" | "target" | "cancelled";
  readonly timings: Readonly<Record<string, number>>;
}

/** Every method of the model process: parameters and result. */
export interface ModelProcessMethods {
  load: { params: LoadRequest; result: LoadedModel };
  explain: { params: ExplainRequest; result: Run };
  generate: { params: GenerateRequest; result: GeneratedText };
  /** Stops the process after open work is cancelled. */
  shutdown: { params: Record<string, never>; result: null };
}
export type MethodName = keyof ModelProcessMethods;

export interface TokenEvent {
  readonly kind: "token";
  readonly index: number;
  readonly id: number;
  readonly text: string;
  readonly logprob: number;
  readonly alternatives: readonly Alternative[];
}
/** Tokens `first … first + count - 1` now have their heatmaps; E [count, N], delta [count]. */
export interface ExplainedEvent {
  readonly kind: "explained";
  readonly first: number;
  readonly count: number;
  readonly tokenHeatmap: Float32Array;
  readonly tokenWeight: Float32Array;
}
export interface StageEvent {
  readonly kind: "stage";
  readonly stage: "loading" | "image" | "prompt" | "generating" | "explaining" | "done";
  readonly detail: string;
}
export type ModelProcessEvent = TokenEvent | ExplainedEvent | StageEvent;

/** An error across the process border: DexarError's fields, or an unexpected failure with code `internal`. */
export interface SerializedError {
  readonly code: string;
  readonly message: string;
  readonly nextStep: string;
  readonly stack?: string;
}

export type ToModelProcess =
  | {
      [M in MethodName]: {
        readonly kind: "request";
        readonly id: number;
        readonly method: M;
        readonly params: ModelProcessMethods[M]["params"];
      };
    }[MethodName]
  | { readonly kind: "cancel"; readonly id: number };

export type FromModelProcess =
  | { readonly kind: "hello"; readonly protocol: number; readonly tool: string; readonly pid: number }
  | { readonly kind: "ok"; readonly id: number; readonly result: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: SerializedError }
  | { readonly kind: "event"; readonly id: number; readonly event: ModelProcessEvent };
