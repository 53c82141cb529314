import * as l10n from "@vscode/l10n";
import type { GridCard } from "../../src/protocol/grid.js";
import type { Activity } from "../../src/protocol/panel.js";
import type { GridModel } from "./gridModel.js";

/** How far all pictures are: `5 of 6 done, 1 failed`. */
export function summaryText({ cards }: Pick<GridModel, "cards">): string {
  const count = (kind: GridCard["state"]["kind"]): number =>
    cards.filter(({ state }) => state.kind === kind).length;
  const [failed, stopped, waiting] = [count("failed"), count("stopped"), count("waiting")];
  return [
    l10n.t("{0} of {1} done", count("done"), cards.length),
    ...(failed > 0 ? [l10n.t("{0} failed", failed)] : []),
    ...(stopped > 0 ? [l10n.t("{0} stopped", stopped)] : []),
    ...(count("running") > 0 ? [l10n.t("1 running")] : []),
    ...(waiting > 0 ? [l10n.t("{0} waiting", waiting)] : []),
  ].join(", ");
}

/** How far one picture is, in words. */
export function stateText({ state }: Pick<GridCard, "state">): string {
  switch (state.kind) {
    case "waiting":
      return l10n.t("waiting");
    case "running":
      return runningText(state.phase, state.tokens.length, state.maxNewTokens);
    case "done":
      return state.partial ? l10n.t("stopped early") : l10n.t("done");
    case "stopped":
      return l10n.t("stopped");
    case "failed":
      return l10n.t("failed");
  }
}

function runningText(phase: Activity["phase"], tokens: number, most: number): string {
  switch (phase) {
    case "idle":
      return "";
    case "queued":
      return l10n.t("waiting for the model");
    case "starting":
      return l10n.t("starting the model process");
    case "loading":
      return l10n.t("loading the model");
    case "image":
      return l10n.t("preparing the picture");
    case "prompt":
      return l10n.t("reading picture and prompt");
    case "generating":
      return l10n.t("answering, {0} of at most {1} tokens", tokens, most);
    case "explaining":
      return tokens === 1 ? l10n.t("explaining 1 token") : l10n.t("explaining {0} tokens", tokens);
    case "saving":
      return l10n.t("saving the run");
    case "stopping":
      return l10n.t("stopping");
  }
}
