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

export type {
  InspectedAnswer,
  InspectedFile,
  InspectedMemory,
  ModelInspection,
  ModelProblem,
} from "../protocol/inspection.js";

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
