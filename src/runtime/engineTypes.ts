import type { AnswerSize, MemoryEstimate, ModelMemory } from "../core/memory/types.js";
import type { Run } from "../core/run/types.js";
import type {
  AlternativeGradient,
  AlternativeRequest,
  ExplainRequest,
  ExplainToFileRequest,
  GeneratedText,
  GenerateRequest,
  LoadedModel,
  LoadRequest,
  ModelProcessEvent,
  RenderFigureRequest,
  SavedRun,
  ViewedPicture,
  ViewPictureRequest,
} from "../protocol/modelProcess.js";

/** Receives what an engine reports while it works: stages, tokens, heatmaps. */
export type EmitEvent = (event: ModelProcessEvent) => void;

/**
 * A loaded model that generates and explains; one call at a time.
 * When `signal` aborts, work stops between steps: what is finished is returned (`finish: "cancelled"`,
 * `partial: true`); with nothing finished the call rejects with DexarError `cancelled`.
 */
export interface Engine {
  load(request: LoadRequest, emit: EmitEvent): Promise<LoadedModel>;
  explain(request: ExplainRequest, emit: EmitEvent, signal: AbortSignal): Promise<Run>;
  /** As `explain`, into files; see `RunFiles`. */
  explainToFile(request: ExplainToFileRequest, emit: EmitEvent, signal: AbortSignal): Promise<SavedRun>;
  explainAlternative(request: AlternativeRequest, signal: AbortSignal): Promise<AlternativeGradient>;
  generate(request: GenerateRequest, emit: EmitEvent, signal: AbortSignal): Promise<GeneratedText>;
  /** A figure as a PNG file; needs no model. */
  renderFigure(request: RenderFigureRequest): Promise<Uint8Array>;
  /** A picture as a page shows it; needs no model. */
  viewPicture(request: ViewPictureRequest): Promise<ViewedPicture>;
  dispose(): Promise<void>;
}

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

/** The answer for which memory is estimated; what is absent is as in a usual question. */
export interface InspectedAnswer {
  readonly imageTokens?: number;
  /** Positions of the prompt beside the image's. */
  readonly textTokens?: number;
  readonly answerTokens?: number;
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
  /** The memory of an answer of this size in each weight type, as the graphs tell it; no weights are read. */
  readonly memory: { readonly answer: AnswerSize; readonly dtypes: readonly InspectedMemory[] };
  readonly problems: readonly ModelProblem[];
}

/** One check of `dexar models verify`. */
export interface VerifyCheck {
  readonly name: string;
  readonly passed: boolean;
  /** The numbers behind the verdict, in words. */
  readonly detail: string;
}

/** What `dexar models verify` found by running the model. */
export interface ModelVerification {
  readonly dir: string;
  readonly checks: readonly VerifyCheck[];
}
