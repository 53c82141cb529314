import * as vscode from "vscode";
import { parsePromptFile } from "../../core/prompts/parsePromptFile.js";
import type { TextSpan } from "../../core/prompts/types.js";
import type { PromptSourceLabel } from "../../protocol/panel.js";
import { asksTheSame, type AskedValues } from "../prompts/asksTheSame.js";
import { namedPictures } from "../prompts/pictureUri.js";
import {
  baseFolder,
  documentName,
  isPromptDocument,
  openDocument,
  openedDocument,
  PROMPT_ENDING,
} from "../prompts/promptDocument.js";
import { isCell, type WordsPlace } from "../prompts/readAgain.js";
import { movedUri } from "../runs/movedUri.js";
import type { QuestionSource } from "../services.js";
import { movedSpan } from "./movedSpan.js";

/** What a panel's document asked when it was last read. */
export interface LinkStart {
  readonly source: QuestionSource;
  readonly asked: AskedValues;
  /** `asked` is what the document stated, not all of what a run was asked. */
  readonly exact: boolean;
  /** The picture that was asked about; absent where all of the file's are. */
  readonly image?: vscode.Uri;
}

/** What a link tells its panel. */
export interface LinkEvents {
  /** The label is another one. */
  readonly changed: () => void;
  /** The document was saved. */
  readonly saved: () => void;
  /** An untitled document was saved as a file. */
  readonly savedAs?: (from: vscode.Uri, to: vscode.Uri) => void;
}

/** A panel's tie to the document its words come from: follows edits, renames and deletion. */
export class SourceLink implements vscode.Disposable {
  private start: LinkStart;
  private span: TextSpan;
  private whole: boolean;
  /** The picture is one that the document named when it was read. */
  private isNamed: boolean;
  private edited = false;
  private missing = false;
  private told = "";
  private isOver = false;
  private watcher: vscode.Disposable | null = null;
  private readonly listeners: vscode.Disposable;

  constructor(
    start: LinkStart,
    private readonly on: LinkEvents,
  ) {
    this.start = start;
    this.span = start.source.span;
    this.whole = isWholePrompt(start.source);
    this.isNamed = this.names(start.image);
    const open = openedDocument(start.source.uri);
    if (open) this.edited = this.asksOtherwise(open);
    this.told = JSON.stringify(this.label);
    const { workspace } = vscode;
    this.listeners = vscode.Disposable.from(
      workspace.onDidChangeTextDocument((change) => this.typed(change)),
      workspace.onDidOpenTextDocument((document) => {
        if (this.is(document.uri)) this.look(document);
      }),
      workspace.onDidSaveTextDocument((document) => {
        if (this.is(document.uri)) this.on.saved();
        else if (this.wasSavedAs(document)) {
          this.on.savedAs?.(this.source.uri, document.uri);
          this.moveTo(document.uri);
        }
      }),
      workspace.onDidRenameFiles(({ files }) => {
        for (const { oldUri, newUri } of files) this.renamed(oldUri, newUri);
      }),
    );
    this.watch();
    if (!open) void this.lookAgain();
  }

  get source(): QuestionSource {
    return this.start.source;
  }

  get place(): WordsPlace {
    return { whole: this.whole, span: this.span };
  }

  /** The document asks something else than when it was last read. */
  get isEdited(): boolean {
    return this.edited;
  }

  get label(): PromptSourceLabel {
    const { uri, version } = this.start.source;
    const name = documentName(uri);
    const label = this.missing
      ? vscode.l10n.t("{0}, version {1} (deleted)", name, version)
      : vscode.l10n.t("{0}, version {1}", name, version);
    return { label, edited: this.edited };
  }

  /** The document was read anew. */
  readAnew(start: LinkStart): void {
    const sameFile = this.is(start.source.uri);
    this.start = start;
    this.span = start.source.span;
    this.whole = isWholePrompt(start.source);
    this.isNamed = this.names(start.image);
    this.missing = false;
    if (!sameFile) this.watch();
    void this.lookAgain();
  }

  /** The one picture that the document names now in place of the one that was asked about; null: there is none. */
  get otherPicture(): vscode.Uri | null {
    if (!this.isNamed || this.names(this.start.image)) return null;
    const [picture, ...more] = this.pictures();
    return picture && more.length === 0 ? picture : null;
  }

  /** The document cannot be read: the words of before hold. */
  lost(): void {
    this.missing = true;
    this.tell();
  }

  dispose(): void {
    this.isOver = true;
    this.listeners.dispose();
    this.watcher?.dispose();
  }

  private is(uri: vscode.Uri): boolean {
    return uri.toString() === this.source.uri.toString();
  }

  private typed({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (!this.is(document.uri)) return;
    this.span = contentChanges.reduce(movedSpan, this.span);
    this.look(document);
  }

  /** Looks whether the document asks something else by now, and tells when that changes the label. */
  private look(document: vscode.TextDocument): void {
    this.edited = this.asksOtherwise(document);
    this.tell();
  }

  private asksOtherwise(document: vscode.TextDocument): boolean {
    const { asked, exact } = this.start;
    const text = document.getText();
    if (this.isNamed && !this.names(this.start.image)) return true;
    if (this.whole) return !asksTheSame(parsePromptFile(text), asked, exact && !isCell(document.uri));
    return text.slice(...this.span).replace(/\r\n?/g, "\n") !== asked.prompt;
  }

  private names(image: vscode.Uri | undefined): boolean {
    return image !== undefined && this.pictures().some((picture) => picture.toString() === image.toString());
  }

  /** The pictures that the open document names, as far as they can be. */
  private pictures(): readonly vscode.Uri[] {
    const { uri } = this.source;
    const document = openedDocument(uri);
    if (!this.whole || document === undefined) return [];
    return namedPictures(parsePromptFile(document.getText()), baseFolder(uri));
  }

  private async lookAgain(): Promise<void> {
    const { uri } = this.source;
    const open = openedDocument(uri);
    if (open) return this.look(open);
    try {
      const document = await openDocument(uri);
      if (this.is(uri)) this.look(document);
    } catch {
      if (this.is(uri)) this.lost();
    }
  }

  private tell(): void {
    // The document may come when nobody waits for it any more.
    if (this.isOver) return;
    const label = JSON.stringify(this.label);
    if (label === this.told) return;
    this.told = label;
    this.on.changed();
  }

  private renamed(from: vscode.Uri, to: vscode.Uri): void {
    const uri = movedUri(this.source.uri, from, to);
    if (uri) this.moveTo(uri);
  }

  /** An untitled document is saved as a file: the editor closes one and opens the other. */
  private wasSavedAs(saved: vscode.TextDocument): boolean {
    const { uri } = this.source;
    if (uri.scheme !== "untitled" || saved.uri.scheme === "untitled" || !this.whole) return false;
    const untitled = openedDocument(uri);
    return untitled !== undefined
      ? untitled.getText() === saved.getText()
      : asksTheSame(parsePromptFile(saved.getText()), this.start.asked, this.start.exact);
  }

  private moveTo(uri: vscode.Uri): void {
    this.start = { ...this.start, source: { ...this.start.source, uri } };
    this.missing = false;
    this.watch();
    void this.lookAgain();
    this.tell();
  }

  /** Notices what happens to the file outside of the editor. */
  private watch(): void {
    this.watcher?.dispose();
    this.watcher = null;
    const { uri } = this.source;
    if (uri.scheme === "untitled" || isCell(uri)) return;
    // All files of the folder: a name may hold what a pattern takes for a wildcard.
    const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, ".."), "*");
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const ifIts = (act: () => void) => (touched: vscode.Uri) => {
      if (this.is(touched)) act();
    };
    watcher.onDidCreate(
      ifIts(() => {
        this.missing = false;
        void this.lookAgain();
      }),
    );
    watcher.onDidChange(ifIts(() => void this.lookAgain()));
    watcher.onDidDelete(ifIts(() => this.lost()));
    this.watcher = watcher;
  }
}

/** Whether the words of a source are all of a prompt document's, not some that were selected in it. */
function isWholePrompt({ uri, version, span }: QuestionSource): boolean {
  const document = openedDocument(uri);
  if (document === undefined) return isCell(uri) || uri.path.endsWith(PROMPT_ENDING);
  if (!isPromptDocument(document)) return false;
  if (document.version !== version) return true;
  const { promptSpan } = parsePromptFile(document.getText());
  return promptSpan[0] === span[0] && promptSpan[1] === span[1];
}
