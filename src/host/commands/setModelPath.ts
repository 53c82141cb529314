import * as vscode from "vscode";

/** Makes a folder the model of the user's settings; empty: the bundled one. Says so where the workspace's setting wins. */
export async function setModelPath(folder: string): Promise<void> {
  const configuration = vscode.workspace.getConfiguration("dexar");
  await configuration.update(
    "model.path",
    folder === "" ? undefined : folder,
    vscode.ConfigurationTarget.Global,
  );
  const effective = vscode.workspace.getConfiguration("dexar").get("model.path", "");
  if (effective === folder) return;
  const open = vscode.l10n.t("Open Workspace Settings");
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      "Your choice is saved, but the settings of this workspace use another model: {0}",
      effective,
    ),
    open,
  );
  if (answer === open) {
    await vscode.commands.executeCommand("workbench.action.openWorkspaceSettings", "dexar.model.path");
  }
}
