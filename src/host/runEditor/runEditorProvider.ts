import type * as vscode from "vscode";
import type { FromPanel, PanelCommand, ToPanel } from "../../protocol/panel.js";
import { logError } from "../errors/showError.js";
import { pageFolder, panelHtml } from "../panel/panelHtml.js";
import type { StoredRuns } from "../runs/storedRuns.js";
import type { ModelHost } from "../services.js";
import { RunDocument } from "./runDocument.js";
import { RunEditorSession, type RunPageServices } from "./runEditorSession.js";

/** Type of the editors, for menus and keybindings. */
export const RUN_EDITOR_TYPE = "dexar.run";

/** What all editors of run files share. */
export interface RunEditorServices extends RunPageServices {
  readonly extensionUri: vscode.Uri;
  readonly model: Pick<ModelHost, "onDidChangeStatus">;
  readonly runs: Pick<StoredRuns, "entries" | "ready" | "setShown">;
}

/** Opens run files (`*.dexar`) in the panel's page, without a model; they cannot be changed there. */
export class RunEditorProvider
  implements vscode.CustomReadonlyEditorProvider<RunDocument>, vscode.Disposable
{
  private readonly open = new Map<RunEditorSession, vscode.WebviewPanel>();
  private readonly modelListener: vscode.Disposable;

  constructor(private readonly services: RunEditorServices) {
    this.modelListener = services.model.onDidChangeStatus((status) => {
      for (const session of this.open.keys()) session.page.send({ kind: "model", model: status });
    });
  }

  openCustomDocument(uri: vscode.Uri): RunDocument {
    return new RunDocument(uri);
  }

  resolveCustomEditor(document: RunDocument, panel: vscode.WebviewPanel): void {
    const { extensionUri, log, runs } = this.services;
    const { webview } = panel;
    const post = (message: ToPanel): void => {
      // False: the page is hidden and will ask anew. Rejects only when the editor is gone.
      webview.postMessage(message).then(undefined, (error: unknown) => logError(error, log));
    };
    const session = new RunEditorSession(document, this.services, post);
    this.open.set(session, panel);
    // A kept run that was opened as a file stays as long as it is looked at.
    void runs.ready.then(() => {
      const kept = runs.entries.find(({ saved }) => saved.runPath === document.uri.fsPath);
      if (kept && this.open.has(session)) runs.setShown(session, kept.id);
    });
    webview.options = { enableScripts: true, localResourceRoots: [pageFolder(extensionUri)] };
    webview.onDidReceiveMessage((message: FromPanel) => void session.receive(message));
    panel.onDidChangeViewState(() => {
      if (!panel.visible) session.page.gone();
    });
    panel.onDidDispose(() => this.closed(session));
    webview.html = panelHtml(webview, extensionUri);
  }

  /** Sends a command to the editor in front; false when no run file is. */
  command(command: PanelCommand): boolean {
    for (const [session, panel] of this.open) if (panel.active) return session.page.command(command);
    return false;
  }

  dispose(): void {
    this.modelListener.dispose();
    for (const session of this.open.keys()) session.dispose();
    this.open.clear();
  }

  private closed(session: RunEditorSession): void {
    session.dispose();
    this.services.runs.setShown(session, null);
    this.open.delete(session);
  }
}
