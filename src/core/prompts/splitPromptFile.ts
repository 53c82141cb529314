import type { TextSpan } from "./types.js";

/** The parts of a prompt file before anything in them is read. */
export interface PromptParts {
  /** Between the `---` lines; null without front matter. */
  readonly frontMatter: TextSpan | null;
  /** The first line, when it opens front matter that nothing closes. */
  readonly notClosed: TextSpan | null;
  /** The words, without the blank lines around them; empty (where they would begin) when there are none. */
  readonly body: TextSpan;
}

/** A line without what ends it, and where the next one begins. */
interface Line {
  readonly from: number;
  readonly to: number;
  readonly next: number;
}

/** Finds front matter and words; a byte order mark at the start belongs to neither. */
export function splitPromptFile(text: string): PromptParts {
  const start = text.startsWith("\uFEFF") ? 1 : 0;
  const first = lineAt(text, start);
  if (!isFence(text, first)) return { frontMatter: null, notClosed: null, body: bodyFrom(text, start) };
  for (let at = first.next; at < text.length;) {
    const line = lineAt(text, at);
    if (isFence(text, line))
      return { frontMatter: [first.next, line.from], notClosed: null, body: bodyFrom(text, line.next) };
    at = line.next;
  }
  return { frontMatter: null, notClosed: [first.from, first.to], body: bodyFrom(text, first.next) };
}

/** Three hyphens alone on a line; spaces after them cannot be seen and do not matter. */
function isFence(text: string, { from, to }: Line): boolean {
  return text.slice(from, to).trimEnd() === "---";
}

function lineAt(text: string, from: number): Line {
  const ends = /\r\n|\r|\n/g;
  ends.lastIndex = from;
  const end = ends.exec(text);
  return end === null
    ? { from, to: text.length, next: text.length }
    : { from, to: end.index, next: ends.lastIndex };
}

function bodyFrom(text: string, from: number): TextSpan {
  const body = text.slice(from);
  const words = body.search(/\S/);
  if (words === -1) return [from, from];
  const lead = body.slice(0, words);
  const start = from + Math.max(lead.lastIndexOf("\n"), lead.lastIndexOf("\r")) + 1;
  const blank = /[\r\n]/.exec(body.slice(body.trimEnd().length));
  return [start, blank === null ? text.length : from + body.trimEnd().length + blank.index];
}
