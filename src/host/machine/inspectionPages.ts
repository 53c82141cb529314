import path from "node:path";
import * as vscode from "vscode";
import type { ModelInspection } from "../../protocol/inspection.js";
import type { ViewedPicture } from "../../protocol/modelProcess.js";
import { INSPECTION_TYPE, OTHER_PICTURE } from "./inspectionIds.js";
import { inspectionPage } from "./inspectionPage.js";

/** The open pages about model folders: one for a folder, which shows what was found last. */
export class InspectionPages {
  private readonly open = new Map<string, vscode.WebviewPanel>();

  constructor(private readonly extensionUri: vscode.Uri) {}

  show(inspection: ModelInspection, picture: ViewedPicture | null): void {
    const panel = this.open.get(inspection.dir) ?? this.create(inspection.dir);
    panel.webview.html = inspectionPage(inspection, picture);
    panel.reveal();
  }

  private create(folder: string): vscode.WebviewPanel {
    const title = vscode.l10n.t("Model: {0}", path.basename(folder));
    const options = { enableCommandUris: [OTHER_PICTURE] };
    const panel = vscode.window.createWebviewPanel(INSPECTION_TYPE, title, vscode.ViewColumn.Active, options);
    const icon = (theme: string) => vscode.Uri.joinPath(this.extensionUri, "media", theme, "explain.svg");
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    panel.onDidDispose(() => this.open.delete(folder));
    this.open.set(folder, panel);
    return panel;
  }
}
