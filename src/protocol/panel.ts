import type { AttributionSettings } from "../core/attribution/settings.js";
import type { PositionWins } from "../core/attribution/textWins.js";
import type { RunInfo } from "../core/run/types.js";
import type { SerializedError } from "../core/serializedError.js";
import type { AlternativeGradient, ExplainedEvent, SessionKind, TokenEvent } from "./modelProcess.js";

/** Messages between the extension and the panel's page. The page gets nothing before it has said `ready`. */

/** What the person asks: the header's form. */
export interface PromptForm {
  /** Shown name of the picture (base name). */
  readonly imageName: string;
  readonly prompt: string;
  /** The answer to explain instead of generating one; null: generate. */
  readonly target: string | null;
  readonly maxNewTokens: number;
  /** Explain each token as it appears instead of 32 at once. */
  readonly live: boolean;
  /** Where the prompt comes from, when not typed here; a click reveals it. */
  readonly source: PromptSourceLabel | null;
}

/** A file (or cell) whose words were asked. */
export interface PromptSourceLabel {
  /** For example `animals.vlm.md, version 3`. */
  readonly label: string;
  /** The words in the file are no longer those of the run. */
  readonly edited: boolean;
}

/** The model as the panel, the status bar and the Model view show it. */
export interface ModelStatus {
  /** `busy`: at work for any panel. `stopped` is normal: it starts when needed. */
  readonly state: "stopped" | "starting" | "loading" | "ready" | "busy" | "failed";
  readonly name: string;
  /** As asked for until it is loaded, then as it is. */
  readonly device: string;
  /** Where the parts run; absent until it is loaded. */
  readonly devices?: Readonly<Record<SessionKind, string>>;
  /** Largest difference from the CPU in the device's self-check, relative to the largest value; absent on the CPU. */
  readonly deviceDifference?: number;
  /** What was decided against what the user may expect (a device that is not used, a part on the CPU); absent: nothing. */
  readonly deviceNotice?: string;
  /** null until loaded, when "best available" was asked for. */
  readonly dtype: string | null;
  /** Bytes on disk of the files that are loaded; null when unknown. */
  readonly size: number | null;
  /** Resident memory of the model process in bytes; null when it does not run. */
  readonly memory: number | null;
}

/** What is happening to this panel's request. */
export interface Activity {
  readonly phase:
    | "idle"
    | "queued" // another panel's request is at work
    | "starting" // the model process
    | "loading" // the model
    | "image"
    | "prompt"
    | "generating"
    | "explaining"
    | "saving"
    | "stopping";
  /** Milliseconds since the request began. */
  readonly elapsed: number;
}

/** A finished (or cancelled, `partial`) run: the run file's own bytes, and the picture to show. */
export interface FinishedRun {
  readonly runId: string;
  readonly file: Uint8Array;
  readonly picture: PictureBytes;
  /** A name given by the user; null for the automatic one. */
  readonly name: string | null;
}

export interface PictureBytes {
  readonly type: "image/png" | "image/jpeg";
  readonly bytes: Uint8Array;
}

/** A run that is being made: what a page that joins late has missed. */
export interface LiveRun {
  readonly info: RunInfo;
  readonly imagePositions: Int32Array;
  readonly picture: PictureBytes;
  readonly tokens: readonly TokenEvent[];
  readonly explained: readonly ExplainedEvent[];
}

/** A failure as it is shown: what happened, what to do, and buttons that do it. */
export interface ShownFailure {
  readonly error: SerializedError;
  readonly actions: readonly PanelAction[];
}

/** Buttons below a failure or an empty panel; the extension knows what they do. */
export interface PanelAction {
  readonly id:
    | "openSettings"
    | "showLog"
    | "chooseModel"
    | "restartModel"
    | "runAgain"
    | "chooseImage"
    | "manageTrust"
    | "inspectModel";
  readonly label: string;
}

/** Settings of the user that the page starts with. */
export interface PanelPreferences {
  readonly colourMap: string;
  readonly opacity: number;
  readonly smooth: boolean;
  readonly paper: PaperPreferences;
}

/** How exported pictures are drawn. */
export interface PaperPreferences {
  /** Width of the whole picture in millimetres. */
  readonly widthMm: number;
  /** Size of its words in points. */
  readonly fontSizePt: number;
  /** Pixels per inch of a PNG. */
  readonly dpi: number;
}

export type ToPanel =
  | {
      readonly kind: "init";
      /** `vscode.l10n.bundle`: translations by English text; null for English. */
      readonly strings: Readonly<Record<string, string>> | null;
      readonly preferences: PanelPreferences;
    }
  /** Everything, replaces all the page has: after `ready`, and whenever the panel changes to another run. */
  | {
      readonly kind: "snapshot";
      readonly form: PromptForm;
      readonly model: ModelStatus;
      readonly activity: Activity;
      readonly live: LiveRun | null;
      readonly finished: FinishedRun | null;
      readonly failure: ShownFailure | null;
    }
  | { readonly kind: "model"; readonly model: ModelStatus }
  | { readonly kind: "activity"; readonly activity: Activity }
  /** Another question is asked in this panel: its file was read anew. */
  | { readonly kind: "form"; readonly form: PromptForm }
  /** The file behind the prompt was edited, saved or renamed. */
  | { readonly kind: "source"; readonly source: PromptSourceLabel | null }
  /** A new run begins; what was shown goes. */
  | { readonly kind: "live"; readonly live: LiveRun }
  | TokenEvent
  | ExplainedEvent
  | { readonly kind: "finished"; readonly finished: FinishedRun }
  | { readonly kind: "failure"; readonly failure: ShownFailure | null }
  | {
      readonly kind: "reply";
      readonly id: number;
      readonly result:
        { readonly ok: PanelReplies[keyof PanelReplies] } | { readonly error: SerializedError };
    }
  /** A line to be read once, for example that a file was read again. */
  | { readonly kind: "notice"; readonly text: string }
  /** Point at a word of the prompt: the Prompt part comes to the front. */
  | { readonly kind: "word"; readonly position: number }
  /** A command of the editor aimed at this panel (keybinding, palette). */
  | { readonly kind: "command"; readonly command: PanelCommand };

export type PanelCommand =
  | "nextToken"
  | "previousToken"
  | "wholeAnswer"
  | "focusPrompt"
  | "exportPng"
  | "exportSvg"
  | "exportJson"
  | "exportRun"
  | "exportHtml"
  | "copyPicture"
  | "resetFilter";

/** What the page may ask and get an answer to. */
export interface PanelRequests {
  /** Explain another token at a step of the shown run. */
  readonly alternative: { readonly runId: string; readonly index: number; readonly tokenId: number };
  /** Save in a format; the page draws pictures itself. `saved: null` when the user cancelled. */
  readonly export:
    | {
        readonly format: "png" | "svg";
        readonly runId: string;
        /** The drawn picture as a file. */
        readonly content: Uint8Array;
        readonly suffix: string;
      }
    | {
        readonly format: "json" | "run" | "html";
        readonly runId: string;
        readonly settings: AttributionSettings;
      };
}
export interface PanelReplies {
  readonly alternative: AlternativeGradient;
  readonly export: { readonly saved: string | null };
}

export type FromPanel =
  | { readonly kind: "ready" }
  | {
      readonly kind: "run";
      readonly form: Pick<PromptForm, "prompt" | "target" | "maxNewTokens" | "live">;
      readonly settings: Partial<AttributionSettings>;
    }
  /** Go on with the shown run's answer. */
  | { readonly kind: "continue"; readonly maxNewTokens: number }
  | { readonly kind: "stop" }
  | { readonly kind: "action"; readonly action: PanelAction["id"] }
  | { readonly kind: "revealSource" }
  /** Which words of the prompt won S_text for what is pinned: for the tint in the editor. */
  | { readonly kind: "wordWins"; readonly wins: WordWinsReport }
  | { readonly kind: "openModelMenu" }
  /** Compare the shown run, or this token of it, with what the user chooses. */
  | { readonly kind: "compare"; readonly token: ComparedToken | null }
  | {
      [M in keyof PanelRequests]: {
        readonly kind: "request";
        readonly id: number;
        readonly method: M;
        readonly params: PanelRequests[M];
      };
    }[keyof PanelRequests];

/** A token of the shown run. */
export interface ComparedToken {
  readonly index: number;
  readonly text: string;
}

/** How often and how strongly each position of the prompt won the text score, for the pinned token or the answer. */
export interface WordWinsReport {
  readonly runId: string;
  /** The pinned token's index and text; null for the whole answer. */
  readonly token: { readonly index: number; readonly text: string } | null;
  /** Heads of the layer range, times tokens looked at. */
  readonly total: number;
  readonly wins: readonly {
    /** Prompt position, or beyond the prompt: an earlier token of the answer. */
    readonly position: number;
    readonly wins: PositionWins;
  }[];
}

/** What a panel keeps across reloads (`setState`, and the serializer): what is looked at, never data. */
export interface PanelViewState {
  readonly version: 1;
  readonly runId: string | null;
  /** The form as typed, not yet run. */
  readonly draft: Pick<PromptForm, "prompt" | "target" | "maxNewTokens" | "live"> | null;
  /** The page's own part (selection, view options): opaque to the extension. */
  readonly page: unknown;
}
