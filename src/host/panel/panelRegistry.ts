import path from "node:path";
import * as vscode from "vscode";
import type { FromPanel, PanelCommand, ToPanel } from "../../protocol/panel.js";
import { logError } from "../errors/showError.js";
import { documentName } from "../prompts/promptDocument.js";
import type { ModelHost, Panels, Question, QuestionSource } from "../services.js";
import { runMissing } from "../runs/runMissing.js";
import { formOf } from "./askedQuestion.js";
import { pageFolder, panelHtml } from "./panelHtml.js";
import { defaultForm } from "./panelForm.js";
import type { PanelMemory } from "./panelMemory.js";
import { isSamePlace } from "./panelQuestions.js";
import { PanelSession, type SessionServices } from "./panelSession.js";
import type { PanelStart } from "./panelRun.js";
import { restoredStart } from "./restoredStart.js";
import { runStart } from "./runStart.js";

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
  private readonly work = new vscode.EventEmitter<void>();
  readonly onDidChangeWork = this.work.event;

  constructor(private readonly services: RegistryServices) {
    this.modelListener = services.model.onDidChangeStatus((status) => {
      for (const { session } of this.open) session.page.send({ kind: "model", model: status });
    });
  }

  async explainImage(image: vscode.Uri): Promise<void> {
    const known = this.findAbout({ image });
    known?.panel.reveal();
    const form = defaultForm(this.services.readSettings());
    const target = known ?? this.create({ image, form, asked: null, runId: null, failure: null }, false);
    // A panel that is at work goes on; what goes wrong is shown in the panel.
    if (!target.session.run.running) void target.session.receive({ kind: "action", action: "runAgain" });
  }

  async ask(question: Question): Promise<void> {
    const { image, ...asked } = question;
    // Whoever runs a file goes on typing in it.
    const keepFocus = asked.source !== undefined;
    const known = this.findAbout(question);
    known?.panel.reveal(known.panel.viewColumn, keepFocus);
    if (known) this.front = known;
    const form = formOf(asked, this.services.readSettings());
    const start = { image, form, asked, runId: null, failure: null };
    const { session } = known ?? this.create(start, keepFocus);
    // What goes wrong is shown in the panel.
    void session.questions.ask(asked);
  }

  async openRun(id: string, column?: vscode.ViewColumn): Promise<void> {
    await this.showRun(id, column);
  }

  async showWord(runId: string, position: number): Promise<void> {
    const live = this.find(({ session }) => session.run.liveRun?.info.id === runId);
    live?.panel.reveal();
    const { session } = live ?? (await this.showRun(runId));
    session.showWord(position);
  }

  async prepare(id: string, { image, ...asked }: Question): Promise<void> {
    const known = this.find(
      ({ session }) => session.run.shownRunId === id && session.questions.source === null,
    );
    if (known) Object.assign(known.session.run, { image, asked });
    known?.panel.reveal();
    const form = formOf(asked, this.services.readSettings());
    const { session } = known ?? this.create({ image, form, asked, runId: id, failure: null }, false);
    session.commandWhenOpen("focusPrompt");
  }

  command(command: PanelCommand): boolean {
    return this.front?.session.page.command(command) ?? false;
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

  isAtWork(source: vscode.Uri): boolean {
    return this.ofSource(source).some(({ session }) => session.run.running);
  }

  stopSource(source: vscode.Uri): void {
    for (const { session } of this.ofSource(source)) session.run.stop();
  }

  revealSource(): boolean {
    const { front } = this;
    if (!front?.session.questions.source) return false;
    void front.session.receive({ kind: "revealSource" });
    return true;
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
    this.work.dispose();
    for (const { session } of this.open) session.dispose();
    this.open.clear();
    this.front = null;
  }

  private ofSource(source: vscode.Uri): readonly OpenPanel[] {
    const address = source.toString();
    return [...this.open].filter(({ session }) => session.questions.source?.uri.toString() === address);
  }

  private async showRun(id: string, column?: vscode.ViewColumn): Promise<OpenPanel> {
    await this.services.runs.ready;
    const entry = this.services.runs.get(id);
    if (!entry) throw runMissing();
    const known = this.find(({ session }) => session.run.shownRunId === id);
    known?.panel.reveal();
    const start = { ...runStart(entry, this.services.readSettings()), runId: id, failure: null };
    return known ?? this.create(start, false, column);
  }

  private find(matches: (panel: OpenPanel) => boolean): OpenPanel | undefined {
    return [...this.open].find(matches);
  }

  private findAbout(question: Pick<Question, "image" | "source">): OpenPanel | undefined {
    return this.find(({ session: { run, questions } }) =>
      isSamePlace(question, { image: run.image, source: questions.source }),
    );
  }

  private create(start: PanelStart, preserveFocus: boolean, wanted?: vscode.ViewColumn): OpenPanel {
    const [neighbour] = this.open;
    const column = neighbour?.panel.viewColumn;
    // Panels share a column, but none hides the file that is being worked on.
    const isFree = column !== undefined && column !== vscode.window.activeTextEditor?.viewColumn;
    const viewColumn = wanted ?? (isFree ? column : vscode.ViewColumn.Beside);
    const name = title(start.image, start.asked?.source ?? null);
    const panel = vscode.window.createWebviewPanel(PANEL_TYPE, name, { viewColumn, preserveFocus });
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
      const { image, runId, form, asked, running } = session.run;
      const { source } = session.questions;
      panel.title = title(image, source);
      runs.setShown(session, runId);
      const remembered = {
        title: panel.title,
        image: image.toString(),
        runId,
        form,
        asked: asked && source ? { ...asked, source } : asked,
        running,
      };
      this.work.fire();
      memory.remember(key, remembered).catch((error: unknown) => logError(error, log));
    };
    const column = (): vscode.ViewColumn | undefined => panel.viewColumn;
    const session = new PanelSession(this.services, start, post, remember, column);
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
      if (!panel.visible) session.page.gone();
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
    this.work.fire();
    if (this.front === panel) this.front = [...this.open].at(-1) ?? null;
    memory.forget(panel.key).catch((error: unknown) => logError(error, log));
  }
}

function title(image: vscode.Uri, source: QuestionSource | null): string {
  const name = path.posix.basename(image.path);
  return `${name} · ${source === null ? "DEX-AR" : documentName(source.uri)}`;
}
