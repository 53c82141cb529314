import * as l10n from "@vscode/l10n";
import type { Activity } from "../../../src/protocol/panel.js";
import type { PanelModel } from "../panelModel.js";
import { formatBytes } from "./quantities.js";

/** When the page first saw tokens of the answer, and how many there were. */
export interface TokenTime {
  readonly tokens: number;
  /** ms */
  readonly at: number;
}

/** Time in ms until the longest answer allowed would be complete; null before two tokens were timed. */
export function timeLeft(model: PanelModel, first: TokenTime | null, now: number): number | null {
  if (first === null || model.activity.phase !== "generating") return null;
  const tokens = model.live?.tokens.length ?? 0;
  const timed = tokens - first.tokens;
  if (timed < 1) return null;
  return ((now - first.at) / timed) * Math.max(0, model.form.maxNewTokens - tokens);
}

/** What is at work, in words. */
export function phaseText({ activity, model }: Pick<PanelModel, "activity" | "model">): string {
  const phases: Readonly<Record<Activity["phase"], () => string>> = {
    idle: () => "",
    queued: () => l10n.t("Waiting: another picture is being explained"),
    starting: () => l10n.t("Starting the model process"),
    loading: () =>
      model.size === null
        ? l10n.t("Loading {0}", model.name)
        : l10n.t("Loading {0} ({1})", model.name, formatBytes(model.size)),
    image: () => l10n.t("Preparing the picture"),
    prompt: () => l10n.t("The model reads picture and prompt"),
    generating: () => l10n.t("Answering"),
    explaining: () => l10n.t("Explaining the tokens"),
    saving: () => l10n.t("Saving the run"),
    stopping: () => l10n.t("Stopping"),
  };
  return phases[activity.phase]();
}

/** How far it is, in words; empty where there is nothing to count. */
export function countText({ activity, live, form }: PanelModel): string {
  const tokens = live?.tokens.length ?? 0;
  const explained = Math.max(0, ...(live?.explained ?? []).map(({ first, count }) => first + count));
  switch (activity.phase) {
    case "generating":
      return l10n.t("{0} of at most {1} tokens", tokens, form.maxNewTokens);
    case "explaining":
      return l10n.t("{0} of {1} tokens", Math.min(explained, tokens), tokens);
    default:
      return "";
  }
}
