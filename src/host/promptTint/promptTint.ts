import * as vscode from "vscode";
import { readDigest } from "../../core/run/runDigest.js";
import type { WordWinsReport } from "../../protocol/panel.js";
import { rangeOf } from "../prompts/showSource.js";
import type { PromptTints, RunEntry, RunStore, TintedRun } from "../services.js";
import type { ReadSettings } from "../settings/hostSettings.js";
import { answerWins } from "./answerWins.js";
import { paintTints } from "./paintTints.js";
import { makeTintStyles, type TintStyles } from "./tintStyles.js";
import { findTrackedWords, followWords, type TrackedWords } from "./trackedWords.js";
import { wordHover } from "./wordHover.js";

/** Context key: addresses of the documents that have a tint, shown or not. */
export const TINTED_DOCUMENTS = "dexar.tintedDocuments";

/** A run that tints its words. */
export interface Tint {
  run: TintedRun;
  report: WordWinsReport;
  /** Its words in the open document; null when that is closed, or has other words. */
  words: TrackedWords | null;
}

/** Tints the words of runs in every editor that shows their file, and says their numbers on hover. */
export class PromptTint implements PromptTints {
  /** By owner; the last one shown is on top where two overlap. */
  private readonly tints = new Map<unknown, Tint>();
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private styles: TintStyles | null = null;
  private listeners: vscode.Disposable | null = null;
  /** Addresses of the documents that the editor knows to have a tint. */
  private told: ReadonlySet<string> = new Set();

  constructor(
    private readonly services: {
      readonly runs: Pick<RunStore, "readDigest">;
      readonly readSettings: ReadSettings;
    },
  ) {}

  show(owner: unknown, run: TintedRun, report: WordWinsReport): void {
    this.listeners ??= this.listen();
    const known = this.tints.get(owner);
    // Last in the order of the map.
    this.tints.delete(owner);
    if (known && asksTheSame(known.run, run)) this.tints.set(owner, { ...known, run, report });
    else this.tints.set(owner, { run, report, words: wordsOf(run) });
    this.paint();
    this.tellDocuments();
  }

  async showAnswer(owner: unknown, entry: RunEntry): Promise<void> {
    const { id, source, saved } = entry;
    if (!source) return this.clear(owner);
    const data = readDigest(await this.services.runs.readDigest(id));
    const report = answerWins(id, data);
    if (report === null) return this.clear(owner);
    const answer = data.info.tokens.map(({ text }) => text);
    this.show(owner, { runId: id, prompt: saved.info.prompt, answer, source }, report);
  }

  isTinted(document: vscode.Uri): boolean {
    return this.isOn && this.tintsOf(document).some(({ words }) => words !== null);
  }

  clear(owner: unknown): void {
    if (!this.tints.delete(owner)) return;
    this.paint();
    this.tellDocuments();
  }

  dispose(): void {
    this.listeners?.dispose();
    this.styles?.dispose();
    this.changed.dispose();
    this.tints.clear();
  }

  private listen(): vscode.Disposable {
    return vscode.Disposable.from(
      vscode.window.onDidChangeVisibleTextEditors(() => this.find()),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) =>
        this.follow(document, contentChanges),
      ),
      vscode.workspace.onDidCloseTextDocument((document) => {
        for (const tint of this.tintsOf(document.uri)) tint.words = null;
      }),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (!change.affectsConfiguration("dexar.promptFile.tint")) return;
        this.paint();
        this.changed.fire();
      }),
      vscode.window.onDidChangeActiveColorTheme(() => {
        this.styles?.dispose();
        this.styles = null;
        this.paint();
      }),
      vscode.languages.registerHoverProvider("*", {
        provideHover: (document, position) => this.hover(document, position),
      }),
    );
  }

  /** Looks for the words of files that were opened (again). */
  private find(): void {
    for (const tint of this.tints.values()) tint.words ??= wordsOf(tint.run);
    this.paint();
  }

  private follow(
    document: vscode.TextDocument,
    changes: readonly vscode.TextDocumentContentChangeEvent[],
  ): void {
    const tints = this.tintsOf(document.uri);
    if (tints.length === 0) return;
    for (const tint of tints)
      tint.words = tint.words
        ? followWords(tint.words, document, tint.run, changes)
        : findTrackedWords(document, tint.run);
    this.paint();
  }

  private hover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    if (!this.isOn) return undefined;
    const offset = document.offsetAt(position);
    for (const { run, report, words } of this.tintsOf(document.uri).reverse()) {
      const at = (words?.places ?? []).flatMap((place, index) =>
        place && place[0] <= offset && offset < place[1] ? [{ place, index }] : [],
      );
      const [first] = at;
      if (!first || !words) continue;
      const numbers = at.map(({ index }) => wordHover(run, report, index, words.edited));
      return new vscode.Hover(numbers, rangeOf(document, first.place));
    }
    return undefined;
  }

  private get isOn(): boolean {
    return this.services.readSettings().promptTint;
  }

  private paint(): void {
    if (this.styles === null && (this.tints.size === 0 || !this.isOn)) return;
    this.styles ??= makeTintStyles(vscode.window.activeColorTheme.kind);
    for (const editor of vscode.window.visibleTextEditors)
      paintTints(editor, this.isOn ? this.tintsOf(editor.document.uri) : [], this.styles);
  }

  private tellDocuments(): void {
    const documents = new Set([...this.tints.values()].map(({ run }) => run.source.uri.toString()));
    if (documents.size === this.told.size && [...documents].every((uri) => this.told.has(uri))) return;
    this.told = documents;
    void vscode.commands.executeCommand("setContext", TINTED_DOCUMENTS, [...documents]);
    this.changed.fire();
  }

  private tintsOf(uri: vscode.Uri): Tint[] {
    const address = uri.toString();
    return [...this.tints.values()].filter(({ run }) => run.source.uri.toString() === address);
  }
}

function wordsOf(run: TintedRun): TrackedWords | null {
  const address = run.source.uri.toString();
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === address);
  return document ? findTrackedWords(document, run) : null;
}

/** Whether two runs are of the same words in the same place: then what is known of their place stays. */
function asksTheSame(a: TintedRun, b: TintedRun): boolean {
  return (
    a.source.uri.toString() === b.source.uri.toString() &&
    a.source.version === b.source.version &&
    a.source.span[0] === b.source.span[0] &&
    a.prompt.text === b.prompt.text &&
    a.prompt.tokens.length === b.prompt.tokens.length
  );
}
