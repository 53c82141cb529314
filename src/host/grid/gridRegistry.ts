import * as vscode from "vscode";
import type { FromGrid, GridViewState, ToGrid } from "../../protocol/grid.js";
import { logError } from "../errors/showError.js";
import { shownFailure } from "../errors/shownFailure.js";
import { pageFolder, panelHtml } from "../panel/panelHtml.js";
import { documentName } from "../prompts/promptDocument.js";
import { runMissing } from "../runs/runMissing.js";
import type { Grids } from "../services.js";
import type { GridMemory, RememberedCard } from "./gridMemory.js";
import type { GridItem } from "./gridRuns.js";
import { GridSession, type GridSessionServices } from "./gridSession.js";

/** Type of the panels with the results of a prompt file's pictures. */
export const GRID_TYPE = "dexar.grid";

/** What all of them share. */
export interface GridRegistryServices extends GridSessionServices {
  readonly memory: GridMemory;
  readonly extensionUri: vscode.Uri;
}

interface OpenGrid {
  readonly key: string;
  readonly panel: vscode.WebviewPanel;
  readonly session: GridSession;
}

/** The window's results of prompt files with several pictures: one panel for each file. */
export class GridRegistry implements Grids {
  private readonly open = new Set<OpenGrid>();

  constructor(private readonly services: GridRegistryServices) {}

  async run(file: vscode.Uri): Promise<void> {
    const known = [...this.open].find(({ session }) => session.uri.toString() === file.toString());
    known?.panel.reveal(known.panel.viewColumn, true);
    const { session } = known ?? this.create(file);
    await session.runAll();
  }

  stop(): void {
    for (const { session } of this.open) session.runs.stop();
  }

  /** Fills a panel that the editor has restored after a reload; what was not done is not asked again by itself. */
  async restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    await this.services.runs.ready;
    const { memory } = this.services;
    const key = readKey(state) ?? memory.newKey();
    const remembered = memory.recall(key);
    if (remembered === null) return void panel.dispose();
    const { session } = this.adopt(key, panel, remembered.file);
    session.fill(remembered.cards.map((card) => this.restored(card)));
  }

  /** Requests end; the panels stay, the editor restores them. */
  dispose(): void {
    for (const { session } of this.open) session.dispose();
    this.open.clear();
  }

  private restored({ question, runId }: RememberedCard): GridItem {
    if (runId === null) return { question, state: { kind: "stopped" } };
    const entry = this.services.runs.get(runId);
    if (!entry) return { question, state: { kind: "failed", failure: shownFailure(runMissing()) } };
    return { question, state: { kind: "done", runId, partial: entry.saved.info.partial } };
  }

  private create(file: vscode.Uri): OpenGrid {
    const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const panel = vscode.window.createWebviewPanel(GRID_TYPE, title(file), place);
    return this.adopt(this.services.memory.newKey(), panel, file);
  }

  private adopt(key: string, panel: vscode.WebviewPanel, file: vscode.Uri): OpenGrid {
    const { extensionUri, log } = this.services;
    const { webview } = panel;
    const session = new GridSession(this.services, file, {
      key,
      post: (message: ToGrid) => {
        // False: the page is hidden and will ask anew. Rejects only when the panel is gone.
        webview.postMessage(message).then(undefined, (error: unknown) => logError(error, log));
      },
      changed: () => this.remember(opened),
      column: () => panel.viewColumn,
    });
    const opened: OpenGrid = { key, panel, session };
    this.open.add(opened);
    const icon = (theme: string) => vscode.Uri.joinPath(extensionUri, "media", theme, "explain.svg");
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    webview.options = { enableScripts: true, localResourceRoots: [pageFolder(extensionUri)] };
    webview.onDidReceiveMessage((message: FromGrid) => void session.receive(message));
    panel.onDidChangeViewState(() => {
      if (!panel.visible) session.pageGone();
    });
    panel.onDidDispose(() => this.closed(opened));
    webview.html = panelHtml(webview, extensionUri, "grid");
    return opened;
  }

  private remember({ key, panel, session }: OpenGrid): void {
    const { memory, log } = this.services;
    panel.title = title(session.uri);
    const cards = session.runs.items.map(({ question, state }) => ({
      question,
      runId: state.kind === "done" ? state.runId : null,
    }));
    memory.remember(key, { file: session.uri, cards }).catch((error: unknown) => logError(error, log));
  }

  private closed(grid: OpenGrid): void {
    const { memory, log } = this.services;
    grid.session.dispose();
    this.open.delete(grid);
    memory.forget(grid.key).catch((error: unknown) => logError(error, log));
  }
}

function readKey(state: unknown): string | null {
  if (typeof state !== "object" || state === null) return null;
  const { version, key } = state as Partial<Record<keyof GridViewState, unknown>>;
  return version === 1 && typeof key === "string" ? key : null;
}

function title(file: vscode.Uri): string {
  return vscode.l10n.t("{0} · Pictures", documentName(file));
}
