import type { TextSpan } from "../../core/prompts/types.js";

/** One replaced piece of a document: offsets of before the edit. */
export interface TextEdit {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/** Where words are after an edit: moved with the text before them, grown and shrunk with what is typed in them. */
export function movedSpan([from, to]: TextSpan, { rangeOffset, rangeLength, text }: TextEdit): TextSpan {
  const end = rangeOffset + rangeLength;
  const growth = text.length - rangeLength;
  if (end <= from) return [from + growth, to + growth];
  if (rangeOffset >= to) return [from, to];
  const start = rangeOffset < from ? rangeOffset + text.length : from;
  return [start, Math.max(start, end > to ? rangeOffset + text.length : to + growth)];
}
