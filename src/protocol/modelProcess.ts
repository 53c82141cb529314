import type { AttributionSettings } from "../core/attribution/settings.js";
import type { TokenReason } from "../core/attribution/types.js";
import type { GenerationExtras } from "../core/run/generationExtras.js";
import type { Run, RunInfo, Alternative } from "../core/run/types.js";
import type { SerializedError } from "../core/serializedError.js";
import type { DeviceVerdict, Diagnosis } from "./doctor.js";
import type { InspectedAnswer, ModelInspection } from "./inspection.js";

/** Bumped when a message changes meaning; both ends refuse another version. */
export const PROTOCOL_VERSION = 2;

/** Where a model can be asked to run; `auto`: the fastest that agrees with the CPU. */
export const DEVICES = ["auto", "cpu", "webgpu", "cuda", "dml", "coreml"] as const;

export type Device = (typeof DEVICES)[number];

/**
 * Kinds of session that may run on different devices. An encoder beside the vision encoder goes with it, the gradient
 * with the decoder.
 */
export type SessionKind = "vision" | "embedding" | "decoder";

/** Where a model is to run. */
export interface DeviceWish {
  readonly device: Device;
  /** Devices of single kinds of session in place of `device`. The embedding is on the CPU unless it is named here. */
  readonly devices?: Readonly<Partial<Record<SessionKind, Device>>>;
  /** Threads inside an operator on the CPU; absent: as many as there are cores. */
  readonly threads?: number;
}

export interface LoadRequest extends DeviceWish {
  readonly modelDir: string;
  /** `fp32`, `fp16`, `q4`, `q4f16`, …; null: the best available (fp32 first). */
  readonly dtype: string | null;
}

export interface LoadedModel {
  readonly name: string;
  readonly family: string;
  readonly dtype: string;
  /** Where the decoder runs. */
  readonly device: string;
  /** Where each kind of session runs. */
  readonly devices?: Readonly<Record<SessionKind, string>>;
  /** Largest difference from the CPU in the device's self-check, relative to the largest value; absent on the CPU. */
  readonly deviceDifference?: number;
  /** What was decided against what the user may expect (a device that is not used, a part on the CPU); absent: nothing. */
  readonly deviceNotice?: string;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly maxPositions: number;
  /** Size on disk of the files that were loaded; absent where nobody knows. */
  readonly bytes?: number;
}

/** What to say to the model and how it answers; shared by explain and generate. */
export interface GenerateRequest extends GenerationExtras {
  readonly imagePath: string;
  /** All pictures of a prompt with several, in their order; the first is `imagePath`. Absent: that one alone. */
  readonly imagePaths?: readonly string[];
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
  /**
   * A run file whose answer is gone on with: model, prompt and picture must be the run's (`imagePath` may be empty: the
   * run has its picture). The run's tokens are the first of the new answer; `maxNewTokens` counts the new ones.
   */
  readonly continueFrom?: string;
}

/** Where `explainToFile` puts what it made; all in a folder that exists. */
export interface RunFiles {
  /** The run file (`*.dexar`), written to a temporary name and renamed. */
  readonly runPath: string;
  /** The upright picture as any browser shows it (PNG or JPEG, at most 1600 px), for panel and thumbnails. */
  readonly picturePath: string;
  /** The run without its gradient, as pages without a model show it (`core/run/runDigest.ts`): small, JSON text. */
  readonly digestPath: string;
  /** Put a PNG of the picture with the answer's map into the digest, for places that cannot draw it; absent: no. */
  readonly withFigure?: boolean;
}

export interface ExplainToFileRequest extends ExplainRequest {
  readonly files: RunFiles;
}

/** A run that was written to a file: everything but its arrays. */
export interface SavedRun {
  readonly info: RunInfo;
  readonly runPath: string;
  readonly picturePath: string;
  /** Absent for runs of older versions, and where it could not be written. */
  readonly digestPath?: string;
  /** Size of the run file. */
  readonly bytes: number;
}

/** Asks why the model did not say another token: the step before token `index` of a finished run. */
export interface AlternativeRequest {
  readonly runPath: string;
  readonly index: number;
  /** The token to explain in place of the one that was chosen. */
  readonly tokenId: number;
}

/** Gradients of another token at the same step, shaped like one token's row of the run. */
export interface AlternativeGradient {
  readonly tokenId: number;
  readonly text: string;
  readonly logprob: number;
  /** Signed dA [L, H, P], P as in the run (zero beyond the causal limit). */
  readonly gradient: Float32Array;
  /** [H, P]; as `gradientReferenceLast` of a run. */
  readonly gradientReferenceLast: Float32Array;
}

/** A figure to draw as PNG. */
export interface RenderFigureRequest {
  /** An SVG document of `core/figure` whose size is in pixels (`svgInPixels`). */
  readonly svg: string;
  /** Written into the file, so that it takes its size on paper. */
  readonly dpi: number;
}

/** A model folder to look into. */
export interface InspectModelRequest extends InspectedAnswer {
  readonly modelDir: string;
}

export interface ViewPictureRequest {
  /** Shown name, for messages. */
  readonly name: string;
  /** The picture's file. */
  readonly bytes: Uint8Array;
}

/** An upright picture that every browser shows, at most 1600 px a side. */
export interface ViewedPicture {
  readonly type: "image/png" | "image/jpeg";
  readonly bytes: Uint8Array;
}

export interface GeneratedText {
  readonly ids: readonly number[];
  readonly text: string;
  readonly finish: "stop" | "length" | "target" | "cancelled";
  /** The stop string that ended the answer; absent when none did. */
  readonly stopString?: string;
  readonly timings: Readonly<Record<string, number>>;
}

/** Every method of the model process: parameters and result. */
export interface ModelProcessMethods {
  load: { params: LoadRequest; result: LoadedModel };
  explain: { params: ExplainRequest; result: Run };
  /** Explains and writes the run file; the big arrays stay in the model process. */
  explainToFile: { params: ExplainToFileRequest; result: SavedRun };
  /** Needs the run's own model (same decoder file and dtype) loaded; `wrong-model` otherwise. */
  explainAlternative: { params: AlternativeRequest; result: AlternativeGradient };
  generate: { params: GenerateRequest; result: GeneratedText };
  /** Draws a figure as a PNG file; needs no model. */
  renderFigure: { params: RenderFigureRequest; result: Uint8Array };
  /** A picture in any format as a page shows it; needs no model. */
  viewPicture: { params: ViewPictureRequest; result: ViewedPicture };
  /** What this machine is and has; runs nothing. */
  diagnose: { params: Record<string, never>; result: Diagnosis };
  /** Tries a device out. A graphics driver may take the process with it. */
  checkDevice: { params: { readonly device: Exclude<Device, "auto"> }; result: DeviceVerdict };
  /** Looks into a model folder; runs nothing. */
  inspectModel: { params: InspectModelRequest; result: ModelInspection };
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
  /** True for the end-of-sequence token, which whole-answer maps leave out. */
  readonly stop?: boolean;
}
/**
 * Picture and prompt are ready, the answer starts now (only `explainToFile`): the run's description with no tokens
 * yet (`partial`), and the picture to show.
 */
export interface PreparedEvent {
  readonly kind: "prepared";
  readonly info: RunInfo;
  /** [N] */
  readonly imagePositions: Int32Array;
  readonly picturePath: string;
}
/** Tokens `first … first + count - 1` now have their heatmaps: everything of `Attribution` that is per token. */
export interface ExplainedEvent {
  readonly kind: "explained";
  readonly first: number;
  readonly count: number;
  /** [count, N] */
  readonly tokenHeatmap: Float32Array;
  /** [count, N] */
  readonly tokenHeatmapUnfiltered: Float32Array;
  /** [count] */
  readonly tokenWeight: Float32Array;
  /** [count, L, H] each */
  readonly scoreImage: Float32Array;
  readonly scoreText: Float32Array;
  readonly headWeight: Float32Array;
  readonly imageWinner: Int32Array;
  readonly textWinner: Int32Array;
  /** [count, L] */
  readonly layerShare: Float32Array;
  /** [count] */
  readonly reasons: readonly TokenReason[];
}
export interface StageEvent {
  readonly kind: "stage";
  readonly stage: "loading" | "image" | "prompt" | "generating" | "explaining" | "saving" | "done";
  readonly detail: string;
}
export type ModelProcessEvent = PreparedEvent | TokenEvent | ExplainedEvent | StageEvent;

/** How the model process is; sent after each request and every few seconds while one runs. */
export interface Vitals {
  /** Resident memory, bytes. */
  readonly memory: number;
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
  | { readonly kind: "event"; readonly id: number; readonly event: ModelProcessEvent }
  | { readonly kind: "vitals"; readonly vitals: Vitals };
