import * as vscode from "vscode";
import type { ModelStatus } from "../../protocol/panel.js";
import { formatBytes } from "../views/formatBytes.js";

type State = ModelStatus["state"];

/** Whether there is a model process. */
export function isRunning(state: State): boolean {
  return state !== "stopped" && state !== "failed";
}

/** A state in a word or two. */
export function stateText(state: State): string {
  switch (state) {
    case "stopped":
      return vscode.l10n.t("not running");
    case "starting":
      return vscode.l10n.t("starting");
    case "loading":
      return vscode.l10n.t("loading");
    case "ready":
      return vscode.l10n.t("ready");
    case "busy":
      return vscode.l10n.t("at work");
    case "failed":
      return vscode.l10n.t("failed");
  }
}

/** A state as a codicon's name. */
export function stateIcon(state: State): string {
  switch (state) {
    case "stopped":
      return "circle-outline";
    case "starting":
    case "loading":
      return "loading~spin";
    case "ready":
      return "eye";
    case "busy":
      return "sync~spin";
    case "failed":
      return "error";
  }
}

/** The status bar's text: icon, model, and the state or the memory in use. */
export function statusBarText(status: ModelStatus): string {
  const icon = `$(${stateIcon(status.state)})`;
  const settled = status.state === "ready" || status.state === "busy";
  if (!settled) return `${icon} ${status.name}: ${stateText(status.state)}`;
  return status.memory === null
    ? `${icon} ${status.name}`
    : `${icon} ${status.name} · ${formatBytes(status.memory)}`;
}

/** The status in one sentence, for screen readers and the tooltip. */
export function statusSentence({ name, state, device, dtype, memory }: ModelStatus): string {
  const head = vscode.l10n.t("DEX-AR model {0}: {1}", name, stateText(state));
  if (!isRunning(state)) return head;
  const place = dtype === null ? device : `${device}, ${dtype}`;
  const use = memory === null ? [] : [vscode.l10n.t("{0} of memory", formatBytes(memory))];
  return [head, place, ...use].join(", ");
}
