import * as vscode from "vscode";
import { RUN_EDITOR_TYPE } from "../runEditor/runEditorProvider.js";

/** Asks for run files and opens each in its editor. */
export async function openRunFiles(): Promise<void> {
  const files = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Open Run Files"),
    openLabel: vscode.l10n.t("Open"),
    canSelectMany: true,
    filters: { [vscode.l10n.t("DEX-AR Run")]: ["dexar"], [vscode.l10n.t("All Files")]: ["*"] },
  });
  for (const file of files ?? []) await openAsFile(file);
}

/** Opens a run file in its editor. */
export async function openAsFile(file: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand("vscode.openWith", file, RUN_EDITOR_TYPE);
}
