import * as vscode from "vscode";
import type { ModelStatus } from "../../protocol/panel.js";
import type { Services } from "../services.js";
import { isRunning, stateText } from "../statusBar/statusText.js";

interface Action extends vscode.QuickPickItem {
  readonly command: string;
}

/** The status bar's menu: what can be done with the model in its present state. */
export async function modelMenu({ model }: Pick<Services, "model">): Promise<void> {
  const { status } = model;
  const chosen = await vscode.window.showQuickPick(menuActions(status), {
    title: vscode.l10n.t("Model {0}: {1}", status.name, stateText(status.state)),
    placeHolder: vscode.l10n.t("What should be done?"),
  });
  if (chosen) await vscode.commands.executeCommand(chosen.command);
}

/** The entries of the menu, those of the present state first. */
export function menuActions({ state }: Pick<ModelStatus, "state">): Action[] {
  const running = [
    action("debug-restart", vscode.l10n.t("Restart Model"), "dexar.model.restart"),
    action("debug-stop", vscode.l10n.t("Stop Model"), "dexar.model.stop"),
  ];
  return [
    ...(state === "busy" ? [action("stop-circle", vscode.l10n.t("Stop All"), "dexar.stopAll")] : []),
    ...(isRunning(state) ? running : [action("play", vscode.l10n.t("Start Model"), "dexar.model.start")]),
    action("folder-opened", vscode.l10n.t("Choose Model…"), "dexar.model.choose"),
    action("output", vscode.l10n.t("Show Log"), "dexar.model.showLog"),
    action("open-preview", vscode.l10n.t("Show Panel"), "dexar.openPanel"),
    action("gear", vscode.l10n.t("Open Settings"), "dexar.openSettings"),
  ];
}

function action(icon: string, label: string, command: string): Action {
  return { label, iconPath: new vscode.ThemeIcon(icon), command };
}
