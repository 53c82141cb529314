import path from "node:path";
import * as vscode from "vscode";
import type { FromPanel, PanelCommand, ToPanel } from "../../protocol/panel.js";
import { logError } from "../errors/showError.js";
import type { ModelHost, Panels } from "../services.js";
import { runMissing } from "../runs/runMissing.js";
import { pageFolder, panelHtml } from "./panelHtml.js";
import { defaultForm } from "./panelForm.js";
import type { PanelMemory } from "./panelMemory.js";
import { PanelSession, type SessionServices } from "./panelSession.js";
import type { PanelStart } from "./panelRun.js";
import { restoredStart } from "./restoredStart.js";

/** Type of the panels, for keybindings and the serializer. */
export const PANEL_TYPE = "dexar.panel";

/** What all panels share. */
export interface RegistryServices extends SessionServices {
  readonly model: Pick<ModelHost, "onDidChangeStatus">;
  readonly memory: PanelMemory;
  readonly extensionUri: vscode.Uri;
}

interface OpenPanel {
  readonly key: string;
  readonly panel: vscode.WebviewPanel;
  readonly session: PanelSession;
}

/** The window's panels: one per picture or run. */
export class PanelRegistry implements Panels {
  private readonly open = new Set<OpenPanel>();
  /** The panel that was in front last. */
  private front: OpenPanel | null = null;
  private readonly modelListener: vscode.Disposable;

  constructor(private readonly services: RegistryServices) {
    this.modelListener = services.model.onDidChangeStatus((status) => {
      for (const { session } of this.open) session.modelChanged(status);
    });
  }

  async explainImage(image: vscode.Uri): Promise<void> {
    const known = this.find(({ session }) => session.run.image.toString() === image.toString());
    known?.panel.reveal();
    const target =
      known ??
      this.create({
        image,
        form: defaultForm(this.services.readSettings()),
        runId: null,
        failure: null,
      });
    // A panel that is at work goes on; what goes wrong is shown in the panel.
    if (!target.session.run.running) void target.session.receive({ kind: "action", action: "runAgain" });
  }

  async openRun(id: string): Promise<void> {
    await this.services.runs.ready;
    const entry = this.services.runs.get(id);
    if (!entry) throw runMissing();
    const known = this.find(({ session }) => session.run.shownRunId === id);
    if (known) return known.panel.reveal();
    const { info } = entry.saved;
    const { live } = this.services.readSettings();
    const { maxNewTokens, mode } = info.generation;
    const target = mode === "forced" ? info.tokens.map(({ text }) => text).join("") : null;
    const form = { prompt: info.prompt.text, target, maxNewTokens, live };
    this.create({ image: entry.image, form, runId: id, failure: null });
  }

  command(command: PanelCommand): boolean {
    return this.front?.session.command(command) ?? false;
  }

  reveal(): boolean {
    this.front?.panel.reveal();
    return this.front !== null;
  }

  again(): boolean {
    if (this.front === null) return false;
    void this.front.session.receive({ kind: "action", action: "runAgain" });
    return true;
  }

  stop(all: boolean): void {
    const stopped = all ? this.open : this.front === null ? [] : [this.front];
    for (const { session } of stopped) session.run.stop();
  }

  get activeRunId(): string | null {
    return this.front?.session.run.shownRunId ?? null;
  }

  /** Fills a panel that the editor has restored after a reload. */
  async restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    await this.services.runs.ready;
    const { key, start } = restoredStart(panel.title, state, this.services);
    this.adopt(key, panel, start);
  }

  /** Requests end; the panels stay, the editor restores them. */
  dispose(): void {
    this.modelListener.dispose();
    for (const { session } of this.open) session.dispose();
    this.open.clear();
    this.front = null;
  }

  private find(matches: (panel: OpenPanel) => boolean): OpenPanel | undefined {
    return [...this.open].find(matches);
  }

  private create(start: PanelStart): OpenPanel {
    const [neighbour] = this.open;
    const column = neighbour?.panel.viewColumn ?? vscode.ViewColumn.Beside;
    const panel = vscode.window.createWebviewPanel(PANEL_TYPE, title(start.image), column);
    return this.adopt(this.services.memory.newKey(), panel, start);
  }

  private adopt(key: string, panel: vscode.WebviewPanel, start: PanelStart): OpenPanel {
    const { extensionUri, log, memory, runs } = this.services;
    const { webview } = panel;
    const post = (message: ToPanel): void => {
      // False: the page is hidden and will ask anew. Rejects only when the panel is gone.
      webview.postMessage(message).then(undefined, (error: unknown) => logError(error, log));
    };
    const remember = (): void => {
      const { image, runId, form, running } = session.run;
      panel.title = title(image);
      runs.setShown(session, runId);
      const remembered = { title: panel.title, image: image.toString(), runId, form, running };
      memory.remember(key, remembered).catch((error: unknown) => logError(error, log));
    };
    const session = new PanelSession(this.services, start, post, remember);
    const opened: OpenPanel = { key, panel, session };
    this.open.add(opened);
    this.front = opened;
    remember();
    const icon = (theme: string) => vscode.Uri.joinPath(extensionUri, "media", theme, "explain.svg");
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    webview.options = { enableScripts: true, localResourceRoots: [pageFolder(extensionUri)] };
    webview.onDidReceiveMessage((message: FromPanel) => void session.receive(message));
    panel.onDidChangeViewState(() => {
      if (panel.active) this.front = opened;
      if (!panel.visible) session.pageGone();
    });
    panel.onDidDispose(() => this.closed(opened));
    webview.html = panelHtml(webview, extensionUri);
    return opened;
  }

  private closed(panel: OpenPanel): void {
    const { memory, runs, log } = this.services;
    panel.session.dispose();
    runs.setShown(panel.session, null);
    this.open.delete(panel);
    if (this.front === panel) this.front = [...this.open].at(-1) ?? null;
    memory.forget(panel.key).catch((error: unknown) => logError(error, log));
  }
}

function title(image: vscode.Uri): string {
  return `${path.posix.basename(image.path)} · DEX-AR`;
}
