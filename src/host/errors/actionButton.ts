import * as vscode from "vscode";
import type { PanelAction } from "../../protocol/panel.js";

/** What the button of an action says and which command does it. */
export function actionButton(id: PanelAction["id"]): { readonly label: string; readonly command: string } {
  switch (id) {
    case "openSettings":
      return { label: vscode.l10n.t("Open Settings"), command: "dexar.openSettings" };
    case "showLog":
      return { label: vscode.l10n.t("Show Log"), command: "dexar.model.showLog" };
    case "chooseModel":
      return { label: vscode.l10n.t("Choose Model"), command: "dexar.model.choose" };
    case "restartModel":
      return { label: vscode.l10n.t("Restart Model"), command: "dexar.model.restart" };
    case "runAgain":
      return { label: vscode.l10n.t("Run Again"), command: "dexar.explainAgain" };
    case "manageTrust":
      return { label: vscode.l10n.t("Manage Trust"), command: "workbench.trust.manage" };
    case "inspectModel":
      return { label: vscode.l10n.t("Inspect Model"), command: "dexar.model.inspect" };
    case "chooseImage":
      return { label: vscode.l10n.t("Choose Picture"), command: "dexar.explainImage" };
  }
}
