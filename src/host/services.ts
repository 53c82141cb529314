import type * as vscode from "vscode";
import type { RunInfo } from "../core/run/types.js";
import type { ModelStatus, PanelCommand, FinishedRun } from "../protocol/panel.js";
import type {
  AlternativeGradient,
  ExplainRequest,
  ModelProcessEvent,
  SavedRun,
} from "../protocol/modelProcess.js";

/** The one model process of this window (`modelHost/`). */
export interface ModelHost extends vscode.Disposable {
  readonly status: ModelStatus;
  readonly onDidChangeStatus: vscode.Event<ModelStatus>;
  /** What the process wrote, and what happened to it. */
  readonly log: vscode.LogOutputChannel;
  /** Starts the process and loads the model of the settings, if that is not done. */
  start(signal: AbortSignal): Promise<void>;
  /** Cancels open work and ends the process. */
  stop(): Promise<void>;
  restart(): Promise<void>;
}

/** What to explain; the image is a file on this machine (`localImage` copies others in). */
export interface ExplainTask {
  readonly image: vscode.Uri;
  readonly request: Omit<ExplainRequest, "imagePath">;
}

export interface ExplainListener {
  /** A phase of `Activity` began. */
  onPhase(
    phase: "queued" | "starting" | "loading" | "image" | "prompt" | "generating" | "explaining" | "saving",
  ): void;
  onEvent(event: ModelProcessEvent): void;
}

/** The one way to an explanation: command, panel, notebook, prompt file, language-model tool and tests use it. */
export interface ExplainService {
  /** Queues, starts the model when needed, explains, keeps the run. Rejects with DexarError. */
  explain(task: ExplainTask, listener: ExplainListener, signal: AbortSignal): Promise<RunEntry>;
  alternative(
    runId: string,
    index: number,
    tokenId: number,
    signal: AbortSignal,
  ): Promise<AlternativeGradient>;
}

/** A run of this session, kept as a file in the extension's storage. */
export interface RunEntry {
  readonly id: string;
  /** Given by the user; null: made of picture and prompt. */
  readonly name: string | null;
  readonly saved: SavedRun;
  readonly image: vscode.Uri;
}

export interface RunStore extends vscode.Disposable {
  /** Newest first. */
  readonly entries: readonly RunEntry[];
  readonly onDidChange: vscode.Event<void>;
  /** Resolves when the runs of earlier windows are listed. */
  readonly ready: Promise<void>;
  get(id: string): RunEntry | undefined;
  /** The run file's bytes and its picture. Rejects with DexarError `run-missing`. */
  read(id: string): Promise<FinishedRun>;
  rename(id: string, name: string): Promise<void>;
  delete(id: string): Promise<void>;
  clear(): Promise<void>;
}

export type ExportFormat = "json" | "run" | "html" | "png";

export interface Panels extends vscode.Disposable {
  /** Opens a panel beside the active editor for the picture and explains it with the settings' prompt. */
  explainImage(image: vscode.Uri): Promise<void>;
  /** Shows a finished run, in its own panel when it has one. */
  openRun(id: string): Promise<void>;
  /** Sends a command to the panel in front; false when there is none. */
  command(command: PanelCommand): boolean;
  /** Brings the panel that was used last to the front; false when there is none. */
  reveal(): boolean;
  /** Runs the panel in front again as it was last asked (its action `runAgain`); false when there is none. */
  again(): boolean;
  /** Stops the request of the panel in front, or of all panels. */
  stop(all: boolean): void;
  /** The run in the panel in front. */
  readonly activeRunId: string | null;
}

/** Everything the commands and views work with; made once in `extension.ts`, lazily. */
export interface Services {
  readonly model: ModelHost;
  readonly explain: ExplainService;
  readonly runs: RunStore;
  readonly panels: Panels;
  /** Asks for a place and saves a run; the name of the file, or null when cancelled. PNG goes through the panel. */
  exportRun(id: string, format: Exclude<ExportFormat, "png">): Promise<string | null>;
}

/** A run's name for people: the given one, or picture and prompt. */
export function runTitle(entry: {
  readonly name: string | null;
  readonly saved: { readonly info: RunInfo };
}): string {
  const { image, prompt } = entry.saved.info;
  return entry.name ?? `${image.name}: ${prompt.text.trim()}`;
}
