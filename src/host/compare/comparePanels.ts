import * as vscode from "vscode";
import type { TokenChoice } from "../../core/compare/side.js";
import { DexarError } from "../../core/errors.js";
import type { Both, CompareSource, FromCompare, ToCompare } from "../../protocol/compare.js";
import { logError, type FailureLog } from "../errors/showError.js";
import { shownFailure } from "../errors/shownFailure.js";
import { saveAs } from "../export/saveAs.js";
import { proposedPlace } from "../export/proposedPlace.js";
import { pageFolder, panelHtml } from "../panel/panelHtml.js";
import type { Comparisons, Panels, RunStore } from "../services.js";
import type { ReadSettings } from "../settings/hostSettings.js";
import { compareTitle } from "./compareTitle.js";
import { isSame, readKeptSources, readSource, WHOLE_ANSWERS } from "./compareSource.js";

/** Type of the panels that compare two runs. */
export const COMPARE_TYPE = "dexar.compare";

/** What all comparisons share. */
export interface ComparePanelServices {
  readonly runs: Pick<RunStore, "ready" | "get" | "read">;
  readonly panels: Pick<Panels, "openRun">;
  readonly readSettings: ReadSettings;
  readonly extensionUri: vscode.Uri;
  readonly log: FailureLog;
}

interface OpenComparison {
  readonly panel: vscode.WebviewPanel;
  /** Null: a restored panel whose page has kept nothing. */
  sources: Both<CompareSource> | null;
  choice: Both<TokenChoice>;
}

/** The window's comparisons: one panel for each pair of runs. A hidden one keeps nothing; its page asks anew. */
export class ComparePanels implements Comparisons {
  private readonly open = new Set<OpenComparison>();

  constructor(private readonly services: ComparePanelServices) {}

  async compare(sources: Both<CompareSource>, choice: Both<TokenChoice> = WHOLE_ANSWERS): Promise<void> {
    await this.services.runs.ready;
    const wanted = JSON.stringify(sources);
    const whole = choice.every((tokens) => tokens === null);
    const known = [...this.open].find((each) => whole && JSON.stringify(each.sources) === wanted);
    if (known) return known.panel.reveal();
    const column = [...this.open][0]?.panel.viewColumn ?? vscode.ViewColumn.Active;
    const panel = vscode.window.createWebviewPanel(COMPARE_TYPE, this.title(sources), column);
    this.adopt(panel, sources, choice);
  }

  /** Fills a panel that the editor has restored after a reload. */
  async restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    await this.services.runs.ready;
    this.adopt(panel, readKeptSources(state), WHOLE_ANSWERS);
  }

  /** The panels stay, the editor restores them. */
  dispose(): void {
    this.open.clear();
  }

  private adopt(
    panel: vscode.WebviewPanel,
    sources: OpenComparison["sources"],
    choice: OpenComparison["choice"],
  ): void {
    const { extensionUri } = this.services;
    const { webview } = panel;
    const opened: OpenComparison = { panel, sources, choice };
    this.open.add(opened);
    const icon = (theme: string) => vscode.Uri.joinPath(extensionUri, "media", theme, "explain.svg");
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    webview.options = { enableScripts: true, localResourceRoots: [pageFolder(extensionUri)] };
    webview.onDidReceiveMessage((message: FromCompare) => void this.receive(opened, message));
    panel.onDidDispose(() => this.open.delete(opened));
    webview.html = panelHtml(webview, extensionUri, "compare");
  }

  /** Never rejects. */
  private async receive(opened: OpenComparison, message: FromCompare): Promise<void> {
    try {
      await this.handle(opened, message);
    } catch (error) {
      logError(error, this.services.log);
      this.post(opened, { kind: "failure", error: shownFailure(error).error });
    }
  }

  private async handle(opened: OpenComparison, message: FromCompare): Promise<void> {
    switch (message.kind) {
      case "ready":
        return this.welcome(opened);
      case "savePng":
        return this.save(opened, message);
      case "openRun":
        return this.openRun(message.source);
      case "swapped":
        opened.sources = message.sources;
        opened.panel.title = this.title(message.sources);
    }
  }

  /** Sends all there is to a page that has just come. */
  private async welcome(opened: OpenComparison): Promise<void> {
    const { colourMap, opacity, smooth } = this.services.readSettings();
    const strings = (vscode.l10n.bundle as Record<string, string> | undefined) ?? null;
    this.post(opened, { kind: "init", strings, preferences: { colourMap, opacity, smooth } });
    const { sources, choice } = opened;
    if (sources === null) throw forgotten();
    const a = await readSource(sources[0], this.services.runs);
    const b = isSame(sources) ? null : await readSource(sources[1], this.services.runs);
    if (!this.open.has(opened)) return;
    opened.panel.title = this.title(sources);
    this.post(opened, { kind: "runs", sources, a, b, choice });
  }

  private async save(
    opened: OpenComparison,
    { content, suffix }: Extract<FromCompare, { kind: "savePng" }>,
  ): Promise<void> {
    const [source] = opened.sources ?? [];
    const beside =
      source?.kind === "file"
        ? vscode.Uri.parse(source.uri)
        : source && this.services.runs.get(source.id)?.image;
    const proposal = {
      title: vscode.l10n.t("Save the Comparison"),
      place: proposedPlace(beside ?? vscode.Uri.file("comparison"), suffix, "png"),
      filters: { [vscode.l10n.t("PNG Picture")]: ["png"] },
    };
    const place = await saveAs(content, proposal, this.services.log);
    this.post(opened, {
      kind: "saved",
      name: place === null ? null : (place.path.split("/").at(-1) ?? null),
    });
  }

  private async openRun(source: CompareSource): Promise<void> {
    if (source.kind === "run") return this.services.panels.openRun(source.id);
    await vscode.commands.executeCommand("vscode.open", vscode.Uri.parse(source.uri));
  }

  private title(sources: Both<CompareSource>): string {
    return compareTitle(sources, this.services.runs);
  }

  private post(opened: OpenComparison, message: ToCompare): void {
    // A panel that was closed meanwhile has no page, and throws when it is asked for one.
    if (!this.open.has(opened)) return;
    // False: the page is hidden and will ask anew. Rejects only when the panel is gone.
    opened.panel.webview
      .postMessage(message)
      .then(undefined, (error: unknown) => logError(error, this.services.log));
  }
}

function forgotten(): DexarError {
  return new DexarError(
    "comparison-forgotten",
    vscode.l10n.t("What this panel has compared is not kept any more."),
    vscode.l10n.t("Close it, select two runs in the Runs view and compare them again."),
  );
}
