import * as vscode from "vscode";
import { IMAGE_EXTENSIONS } from "../commands/imageTypes.js";
import { logError, type FailureLog } from "../errors/showError.js";
import type { KnownModels } from "../services.js";
import { checkPrompt, type PromptFinding } from "./checkPrompt.js";
import { baseFolder, isPromptDocument } from "./promptDocument.js";
import { rangeOf } from "./showSource.js";

/** What looking for problems needs. */
export interface DiagnosticServices {
  readonly models: KnownModels;
  readonly log: FailureLog;
}

/** Typing is not interrupted by looking at files: checked when it pauses, after this many milliseconds. */
const PAUSE = 300;

/** Marks what is wrong in open prompt files and cells; looks again when they, their pictures or models change. */
export class PromptDiagnostics implements vscode.Disposable {
  private readonly shown = vscode.languages.createDiagnosticCollection("dexar");
  private readonly waiting = new Map<string, NodeJS.Timeout>();
  private readonly findings = new Map<string, readonly PromptFinding[]>();
  /** The last check of each document: what an earlier one finds later does not count. */
  private readonly checks = new Map<string, object>();
  private readonly listeners: vscode.Disposable[];
  private pictures: vscode.Disposable | null = null;

  constructor(private readonly services: () => DiagnosticServices) {
    const { workspace, window } = vscode;
    const all = (): void => this.checkAll();
    this.listeners = [
      workspace.onDidOpenTextDocument((document) => this.checkSoon(document, 0)),
      workspace.onDidChangeTextDocument(({ document }) => this.checkSoon(document, PAUSE)),
      workspace.onDidSaveTextDocument((document) => this.checkSoon(document, 0)),
      workspace.onDidCloseTextDocument((document) => this.forget(document.uri)),
      workspace.onDidCreateFiles(all),
      workspace.onDidDeleteFiles(all),
      workspace.onDidRenameFiles(all),
      workspace.onDidGrantWorkspaceTrust(all),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("dexar.model")) this.checkAll();
      }),
      // Pictures outside of the workspace are not watched.
      window.onDidChangeActiveTextEditor((editor) => {
        if (editor) this.checkSoon(editor.document, 0);
      }),
    ];
    this.checkAll();
  }

  /** What is marked in a document. */
  findingsOf(uri: vscode.Uri): readonly PromptFinding[] {
    return this.findings.get(uri.toString()) ?? [];
  }

  dispose(): void {
    for (const timer of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
    this.checks.clear();
    vscode.Disposable.from(...this.listeners, this.shown).dispose();
    this.pictures?.dispose();
  }

  private checkAll(): void {
    for (const document of vscode.workspace.textDocuments) this.checkSoon(document, PAUSE);
  }

  private checkSoon(document: vscode.TextDocument, wait: number): void {
    if (!isPromptDocument(document)) return this.forget(document.uri);
    this.pictures ??= this.watchPictures();
    const key = document.uri.toString();
    clearTimeout(this.waiting.get(key));
    this.waiting.set(
      key,
      setTimeout(() => {
        this.waiting.delete(key);
        void this.check(document);
      }, wait),
    );
  }

  private async check(document: vscode.TextDocument): Promise<void> {
    const { version, uri } = document;
    const key = uri.toString();
    const check = {};
    this.checks.set(key, check);
    const { models, log } = this.services();
    try {
      const found = await checkPrompt(document.getText(), baseFolder(uri), models);
      // It was edited, closed or checked again meanwhile: what was found may not be so now.
      if (document.version !== version || this.checks.get(key) !== check) return;
      this.findings.set(key, found);
      this.shown.set(
        uri,
        found.map((finding) => diagnosticOf(document, finding)),
      );
    } catch (error) {
      logError(error, log);
    }
  }

  private forget(uri: vscode.Uri): void {
    const key = uri.toString();
    clearTimeout(this.waiting.get(key));
    this.waiting.delete(key);
    this.checks.delete(key);
    if (this.findings.delete(key)) this.shown.delete(uri);
  }

  private watchPictures(): vscode.Disposable {
    const endings = IMAGE_EXTENSIONS.flatMap((ending) => [ending, ending.toUpperCase()]);
    const watcher = vscode.workspace.createFileSystemWatcher(`**/*.{${endings.join(",")}}`);
    const all = (): void => this.checkAll();
    watcher.onDidCreate(all);
    watcher.onDidChange(all);
    watcher.onDidDelete(all);
    return watcher;
  }
}

function diagnosticOf(document: vscode.TextDocument, finding: PromptFinding): vscode.Diagnostic {
  const severity =
    finding.severity === "error" ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
  const diagnostic = new vscode.Diagnostic(rangeOf(document, finding.span), finding.message, severity);
  diagnostic.source = "DEX-AR";
  diagnostic.code = finding.code;
  return diagnostic;
}
