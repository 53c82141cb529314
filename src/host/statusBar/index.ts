import * as vscode from "vscode";
import type { Services } from "../services.js";
import { isRunning, statusBarText, statusSentence } from "./statusText.js";

/**
 * Shows the model in the status bar, and keeps the context keys that menus ask for (`dexar.modelRunning`,
 * `dexar.hasRuns`). Called when the services are made: before the first use there is nothing to show.
 */
export function registerStatusBar(
  context: Pick<vscode.ExtensionContext, "subscriptions">,
  { model, runs }: Pick<Services, "model" | "runs">,
): void {
  const item = vscode.window.createStatusBarItem("dexar.model", vscode.StatusBarAlignment.Right, 100);
  item.name = vscode.l10n.t("DEX-AR Model");
  item.command = "dexar.model.menu";
  const showStatus = (): void => {
    const { status } = model;
    item.text = statusBarText(status);
    const sentence = statusSentence(status);
    item.tooltip = `${sentence}\n${vscode.l10n.t("Click for actions.")}`;
    item.accessibilityInformation = { label: sentence, role: "button" };
    item.backgroundColor =
      status.state === "failed" ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
    setContext("dexar.modelRunning", isRunning(status.state));
  };
  const showRuns = (): void => setContext("dexar.hasRuns", runs.entries.length > 0);
  context.subscriptions.push(item, model.onDidChangeStatus(showStatus), runs.onDidChange(showRuns));
  showStatus();
  showRuns();
  item.show();
}

function setContext(key: string, value: boolean): void {
  void vscode.commands.executeCommand("setContext", key, value);
}
