import type * as vscode from "vscode";
import type { GenerationExtras } from "../core/run/generationExtras.js";
import type { AttributionSettings } from "../core/attribution/settings.js";
import type { TokenChoice } from "../core/compare/side.js";
import type { RunInfo } from "../core/run/types.js";
import type { DownloadPlan } from "../hub/downloadState.js";
import type { HubOffer } from "../hub/offer.js";
import type { DownloadProgress } from "../hub/progress.js";
import type { Both, CompareSource } from "../protocol/compare.js";
import type { ModelStatus, PanelCommand, FinishedRun, WordWinsReport } from "../protocol/panel.js";
import type {
  AlternativeGradient,
  ExplainRequest,
  ModelProcessEvent,
  SavedRun,
} from "../protocol/modelProcess.js";
import type { MachineModel } from "./models/machineModels.js";
import type { AskMachine } from "./machine/askMachine.js";

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

/** A model other than the settings': one that a prompt file or a run names. */
export interface ModelChoice {
  /** Shown name. */
  readonly name: string;
  /** Absolute path of the model folder. */
  readonly dir: string;
  /** Which of its weights; absent: as in the settings. */
  readonly dtype?: string;
}

/** The models that files may name (`models/knownModels.ts`). */
export interface KnownModels {
  /** The extension's own first, then the settings' and those used before, then what lies beside these; no folder twice. */
  list(): Promise<ModelChoice[]>;
  /**
   * The model that a file names: by a known name, or by its folder (absolute, `~`, or relative to `base`).
   * Rejects with DexarError `model-not-found`, `model-file-missing`, or `model-not-trusted` for an unknown folder in an
   * untrusted workspace.
   */
  resolve(nameOrFolder: string, base: vscode.Uri | null): Promise<ModelChoice>;
}

/** Every model on this machine and public ones, and downloading them (`models/modelLibrary.ts`). */
export interface ModelLibrary extends vscode.Disposable {
  /** Something was downloaded, begun, paused or removed. */
  readonly onDidChange: vscode.Event<void>;
  /** The download of the model with this name got on. */
  readonly onDidProgress: vscode.Event<string>;
  list(): Promise<MachineModel[]>;
  /** Models of the hub that can be used: downloaded, or in the Hugging Face cache. */
  usable(): Promise<ModelChoice[]>;
  /** Folder of the settings' model. */
  readonly usedFolder: string;
  /** The user's token for the hub, to be set and forgotten. */
  readonly token: { set(token: string): Promise<void>; forget(): Promise<void> };
  /** Address of the hub that is asked. Throws DexarError `hub-endpoint`. */
  readonly endpoint: string;
  /** How far a running download is; null where it only began, undefined where none runs. */
  progress(name: string): DownloadProgress | null | undefined;
  /** Asks the hub what it offers of a model. Rejects with DexarErrors of the hub. */
  offer(name: string, signal: AbortSignal): Promise<HubOffer>;
  /** What was begun of a model and can be continued; null where nothing was. */
  begun(name: string): Promise<DownloadPlan | null>;
  /**
   * Downloads until the model is there (the model) or the download is paused (null). Rejects with DexarErrors.
   * @param accepted the user accepts the licence
   */
  start(plan: DownloadPlan, accepted: boolean): Promise<ModelChoice | null>;
  /** Stops a download; what came stays. Resolves when nothing is written any more. */
  pause(name: string): Promise<void>;
  pauseAll(): Promise<void>;
  /** Stops a download and throws away what came. */
  cancel(name: string): Promise<void>;
  /** Removes a downloaded model; resolves with the bytes that became free. */
  remove(name: string): Promise<number>;
  /** Looks at the disk again. */
  refresh(): void;
}

/** Where a question stands, so that a run can show it and be tinted by it. */
export interface QuestionSource {
  /** The prompt file, the text file with the selection, or the notebook's cell. */
  readonly uri: vscode.Uri;
  /** Version of the document when it was read. */
  readonly version: number;
  /** The words in that version: half-open range of UTF-16 offsets. */
  readonly span: readonly [from: number, to: number];
}

/** All of what is asked of a model about one picture; what is absent is as in the settings. */
export interface Question extends GenerationExtras {
  readonly image: vscode.Uri;
  /** Further pictures in the same prompt, after `image`. */
  readonly withImages?: readonly vscode.Uri[];
  readonly prompt: string;
  /** The answer to explain instead of generating one; null: generate. */
  readonly target: string | null;
  readonly model?: ModelChoice;
  readonly maxNewTokens?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly seed?: number;
  /** A run file whose answer is gone on with; the question is that run's. */
  readonly continueFrom?: string;
  readonly live?: boolean;
  readonly attribution?: Partial<AttributionSettings>;
  readonly source?: QuestionSource;
}

/** What to explain; the image is a file on this machine (`localImage` copies others in). */
export interface ExplainTask {
  readonly image: vscode.Uri;
  /** Further pictures in the same prompt. */
  readonly withImages?: readonly vscode.Uri[];
  readonly request: Omit<ExplainRequest, "imagePath" | "imagePaths">;
  /** Instead of the settings' model. */
  readonly model?: ModelChoice;
  /** Kept with the run. */
  readonly source?: QuestionSource;
  /** Keep a PNG of the answer's map in the digest: for the outputs of a notebook. */
  readonly withFigure?: boolean;
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
  /** Further pictures in the same prompt. */
  readonly withImages?: readonly vscode.Uri[];
  /** Kept until the user deletes it; absent: no. */
  readonly pinned?: boolean;
  /** The file whose words were asked. */
  readonly source?: QuestionSource;
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
  /** The run without its gradient (`core/run/runDigest.ts`), as JSON text; worked out where it was not kept. */
  readDigest(id: string): Promise<string>;
  rename(id: string, name: string): Promise<void>;
  /** A document was renamed, or saved for the first time: its runs follow it. */
  moveSource(from: vscode.Uri, to: vscode.Uri): Promise<void>;
  setPinned(id: string, pinned: boolean): Promise<void>;
  delete(id: string): Promise<void>;
  clear(): Promise<void>;
}

export type ExportFormat = "json" | "run" | "html" | "png" | "svg";

export interface Panels extends vscode.Disposable {
  /** Opens a panel beside the active editor for the picture and explains it with the settings' prompt. */
  explainImage(image: vscode.Uri): Promise<void>;
  /** Opens the panel of the question's picture and source beside the file, and explains; what the panel asked before is replaced. */
  ask(question: Question): Promise<void>;
  /** Shows a finished run, in its own panel when it has one, else in a new one in this column or beside. */
  openRun(id: string, column?: vscode.ViewColumn): Promise<void>;
  /** Shows a finished run with a question to be changed, its prompt in focus; asks nothing yet. */
  prepare(id: string, question: Question): Promise<void>;
  /** Points at a position of the prompt in the panel that shows this run; opens it when there is none. */
  showWord(runId: string, position: number): Promise<void>;
  /** Sends a command to the panel in front; false when there is none. */
  command(command: PanelCommand): boolean;
  /** Brings the panel that was used last to the front; false when there is none. */
  reveal(): boolean;
  /** Runs the panel in front again as it was last asked (its action `runAgain`); false when there is none. */
  again(): boolean;
  /** Stops the request of the panel in front, or of all panels. */
  stop(all: boolean): void;
  /** Whether a panel of this file is at work; `onDidChangeWork` tells when that may have changed. */
  isAtWork(source: vscode.Uri): boolean;
  readonly onDidChangeWork: vscode.Event<void>;
  /** Stops the requests of the panels of this file. */
  stopSource(source: vscode.Uri): void;
  /** Shows the words of the panel in front in their file; false when there is none or they were typed there. */
  revealSource(): boolean;
  /** The run in the panel in front. */
  readonly activeRunId: string | null;
}

/** What of a run, finished or being made, the words of its file are tinted by. */
export interface TintedRun {
  readonly runId: string;
  readonly prompt: Pick<RunInfo["prompt"], "text" | "tokens">;
  /** Texts of the answer's tokens so far. */
  readonly answer: readonly string[];
  readonly source: QuestionSource;
}

/** Tints the words of prompt files, selections and cells by how often and how strongly they won S_text (`promptTint/`). */
export interface PromptTints extends vscode.Disposable {
  /** Some document has a tint now or has none any more, shown or not. */
  readonly onDidChange: vscode.Event<void>;
  /** Whether words of a document are tinted, so that it is seen. */
  isTinted(document: vscode.Uri): boolean;
  /**
   * Tints by a report; what the owner had tinted before goes.
   * @param owner the panel, or whatever shows the run: the key to show it anew and to clear it
   */
  show(owner: unknown, run: TintedRun, report: WordWinsReport): void;
  /** Tints by the whole answer of a kept run (its digest), where no page looks at it; nothing without a source. */
  showAnswer(owner: unknown, entry: RunEntry): Promise<void>;
  clear(owner: unknown): void;
}

/** Results of all pictures of a prompt file (`grid/`). */
export interface Grids extends vscode.Disposable {
  /** Opens the file's results beside it, and asks about each of its pictures, one after the other. */
  run(file: vscode.Uri): Promise<void>;
  /** Stops all of them; pictures that are done stay. */
  stop(): void;
}

/** Everything the commands and views work with; made once in `extension.ts`, lazily. */
export interface Services {
  readonly model: ModelHost;
  readonly explain: ExplainService;
  readonly runs: RunStore;
  readonly panels: Panels;
  readonly models: KnownModels;
  readonly library: ModelLibrary;
  readonly machine: AskMachine;
  /** The editors of run files; `command` is false when none of them is in front. */
  readonly runEditors: { command(command: PanelCommand): boolean };
  /** Shows a run with its question, to be asked again with changes; nothing when the user changed their mind about the model. */
  rerun(id: string): Promise<void>;
  /** Goes on with a run's answer, in a panel. Rejects with DexarError `run-missing`. */
  continueRun(id: string): Promise<void>;
  readonly promptTint: PromptTints;
  readonly grids: Grids;
  readonly comparisons: Comparisons;
  /** Asks for a place and saves a run; the name of the file, or null when cancelled. A picture is the whole answer's. */
  exportRun(id: string, format: ExportFormat): Promise<string | null>;
}

/** Two runs, or two tokens of one, side by side (`compare/`). */
export interface Comparisons extends vscode.Disposable {
  /**
   * Opens the comparison, or shows it again.
   * @param choice what is looked at first, whole answers when absent; of another run the counterpart of A's token
   */
  compare(sources: Both<CompareSource>, choice?: Both<TokenChoice>): Promise<void>;
}

/** A run's name for people: the given one, or picture and prompt. */
export function runTitle(entry: {
  readonly name: string | null;
  readonly saved: { readonly info: RunInfo };
}): string {
  const { image, prompt } = entry.saved.info;
  return entry.name ?? `${image.name}: ${prompt.text.trim()}`;
}
