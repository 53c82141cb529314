/** Documents, editors and what is drawn in them, of the editor that stands in. */
import type { URI } from "vscode-uri";
import { EventEmitter } from "./fakeVscodeEvents.js";

export const EndOfLine = { LF: 1, CRLF: 2 } as const;
export const ColorThemeKind = { Light: 1, Dark: 2, HighContrast: 3, HighContrastLight: 4 } as const;
export const DecorationRangeBehavior = { OpenOpen: 0, ClosedClosed: 1 } as const;
export const TextEditorRevealType = { Default: 0, InCenter: 1, InCenterIfOutsideViewport: 2 } as const;

export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}

export class Range {
  readonly start: Position;
  readonly end: Position;

  constructor(from: Position | number, to: Position | number, endLine = 0, endCharacter = 0) {
    this.start = typeof from === "number" ? new Position(from, to as number) : from;
    this.end = typeof from === "number" ? new Position(endLine, endCharacter) : (to as Position);
  }

  isEqual({ start, end }: Range): boolean {
    const values = ({ start: a, end: b }: Pick<Range, "start" | "end">): string =>
      `${a.line}:${a.character}-${b.line}:${b.character}`;
    return values(this) === values({ start, end });
  }
}

export class Selection extends Range {}

export class RelativePattern {
  constructor(
    readonly base: URI,
    readonly pattern: string,
  ) {}
}

export class Hover {
  readonly contents: readonly { readonly value: string }[];

  constructor(
    contents: { readonly value: string } | readonly { readonly value: string }[],
    readonly range?: Range,
  ) {
    this.contents = "value" in contents ? [contents] : contents;
  }
}

/** A change of a document as the editor tells it. */
export interface FakeChange {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/** `vscode.TextDocument` whose text a test changes. */
export class FakeDocument {
  version = 1;
  isDirty = false;
  isClosed = false;

  /** @param changed told of every edit */
  constructor(
    readonly uri: URI,
    public text: string,
    readonly languageId = "plaintext",
    private readonly changed: EventEmitter<unknown> = new EventEmitter(),
  ) {}

  get fileName(): string {
    return this.uri.fsPath;
  }

  get isUntitled(): boolean {
    return this.uri.scheme === "untitled";
  }

  get eol(): number {
    return this.text.includes("\r\n") ? EndOfLine.CRLF : EndOfLine.LF;
  }

  getText(range?: Range): string {
    return range ? this.text.slice(this.offsetAt(range.start), this.offsetAt(range.end)) : this.text;
  }

  offsetAt({ line, character }: Position): number {
    const lines = this.text.split("\n");
    return lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
  }

  positionAt(offset: number): Position {
    const before = this.text.slice(0, Math.max(0, offset)).split("\n");
    return new Position(before.length - 1, before.at(-1)?.length ?? 0);
  }

  /** Replaces the first place of a text. */
  replace(old: string, text: string): void {
    const from = this.text.indexOf(old);
    if (from < 0) throw new Error(`the document has no ${JSON.stringify(old)}`);
    this.edit([{ rangeOffset: from, rangeLength: old.length, text }]);
  }

  /** Changes of one event, the last in the text first. */
  edit(contentChanges: readonly FakeChange[]): void {
    for (const { rangeOffset, rangeLength, text } of contentChanges)
      this.text = this.text.slice(0, rangeOffset) + text + this.text.slice(rangeOffset + rangeLength);
    this.version++;
    this.isDirty = true;
    this.changed.fire({ document: this, contentChanges });
  }

  /** All lines end otherwise; the editor tells of no change of text. */
  setEol(eol: "\n" | "\r\n"): void {
    this.text = this.text.replace(/\r?\n/g, eol);
    this.version++;
    this.changed.fire({ document: this, contentChanges: [] });
  }
}

/** `vscode.TextEditorDecorationType` */
export class FakeDecoration {
  disposed = false;

  constructor(readonly options: Readonly<Record<string, unknown>>) {}

  dispose(): void {
    this.disposed = true;
  }
}

/** `vscode.TextEditor` that keeps what is drawn in it. */
export class FakeTextEditor {
  readonly drawn = new Map<FakeDecoration, readonly Range[]>();
  selection: Selection;
  readonly revealed: Range[] = [];

  constructor(
    readonly document: FakeDocument,
    readonly viewColumn = 1,
  ) {
    this.selection = new Selection(new Position(0, 0), new Position(0, 0));
  }

  get selections(): readonly Selection[] {
    return [this.selection];
  }

  setDecorations(type: FakeDecoration, ranges: readonly Range[]): void {
    if (type.disposed) throw new Error("the decoration is disposed of");
    this.drawn.set(type, ranges);
  }

  /** What was inserted, as written. */
  snippet: { readonly value: string } | null = null;

  async insertSnippet(snippet: { readonly value: string }): Promise<boolean> {
    this.snippet = snippet;
    return true;
  }

  revealRange(range: Range): void {
    this.revealed.push(range);
  }
}
