import type { AnswerSummary } from "../core/run/answerSummary.js";
import type { Activity, PanelAction, PanelPreferences, PromptSourceLabel, ShownFailure } from "./panel.js";

/** Messages between the extension and the page with the results of all pictures of a prompt file. */

/** The prompt file and what it asks of every picture. */
export interface GridFile extends PromptSourceLabel {
  readonly prompt: string;
  /** The answer that is explained; null: generated. */
  readonly target: string | null;
}

/** How far one picture is. */
export type GridState =
  | { readonly kind: "waiting" }
  | {
      readonly kind: "running";
      readonly phase: Activity["phase"];
      /** Texts of the tokens so far. */
      readonly tokens: readonly string[];
      readonly maxNewTokens: number;
    }
  /** `partial`: stopped after the first tokens. */
  | { readonly kind: "done"; readonly runId: string; readonly partial: boolean }
  /** Stopped before there was a token. */
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly failure: ShownFailure };

/** One picture of the file. */
export interface GridCard {
  /** Base name. */
  readonly name: string;
  /** Its path, relative to the workspace. */
  readonly place: string;
  readonly state: GridState;
}

/** What a card shows of a finished run. */
export interface GridResult extends AnswerSummary {
  readonly runId: string;
}

export type ToGrid =
  | {
      readonly kind: "init";
      readonly strings: Readonly<Record<string, string>> | null;
      readonly preferences: Pick<PanelPreferences, "colourMap" | "opacity" | "smooth">;
      /** To be kept by the page (`setState`): the extension knows the panel by it after a reload. */
      readonly key: string;
    }
  /** Everything, replaces all the page has. */
  | {
      readonly kind: "snapshot";
      readonly file: GridFile;
      readonly cards: readonly GridCard[];
      readonly failure: ShownFailure | null;
    }
  | { readonly kind: "file"; readonly file: GridFile }
  | { readonly kind: "state"; readonly index: number; readonly state: GridState }
  | { readonly kind: "token"; readonly index: number; readonly text: string }
  | { readonly kind: "result"; readonly index: number; readonly result: GridResult }
  /** The file cannot be asked. */
  | { readonly kind: "failure"; readonly failure: ShownFailure | null };

export type FromGrid =
  | { readonly kind: "ready" }
  /** The file as it is now, about all its pictures. */
  | { readonly kind: "runAll" }
  /** One picture again, as it was asked. */
  | { readonly kind: "runAgain"; readonly index: number }
  | { readonly kind: "stop" }
  /** Open the picture's run in a panel of its own. */
  | { readonly kind: "open"; readonly index: number }
  | { readonly kind: "revealSource" }
  | { readonly kind: "action"; readonly action: PanelAction["id"] };

/** What the page keeps across reloads. */
export interface GridViewState {
  readonly version: 1;
  readonly key: string;
}
