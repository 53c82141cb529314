import * as vscode from "vscode";
import { obeys, SETTING_RULES } from "../settings/settingRules.js";

const NAME = "notebook.saveOutputs";

/** Whether what cells answered is saved with the notebook (`dexar.notebook.saveOutputs`). */
export function savesOutputs(): boolean {
  const value: unknown = vscode.workspace.getConfiguration("dexar").get(NAME);
  const rule = SETTING_RULES[NAME];
  return obeys(rule, value) ? value : rule.fallback;
}

/**
 * The editor asks once whether outputs are part of the file. Saving without them works at once; for saving with them
 * again it must be told anew, which a reload does.
 */
export function offerReload(registeredWith: boolean): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((change) => {
    if (registeredWith || !change.affectsConfiguration(`dexar.${NAME}`) || !savesOutputs()) return;
    const reload = vscode.l10n.t("Reload Window");
    const said = vscode.l10n.t("Outputs of notebooks are saved once the window is reloaded.");
    void vscode.window.showInformationMessage(said, reload).then((answer) => {
      if (answer === reload) void vscode.commands.executeCommand("workbench.action.reloadWindow");
    });
  });
}
