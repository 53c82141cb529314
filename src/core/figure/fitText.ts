import type { Measure } from "./textWidth.js";

/** Shortens a line with `…` until it is at most `width` wide. */
export function fitLine(measure: Measure, text: string, size: number, width: number): string {
  if (measure(text, size) <= width) return text;
  const characters = graphemes(text);
  let low = 0;
  let high = characters.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (measure(`${characters.slice(0, middle).join("")}…`, size) <= width) low = middle;
    else high = middle - 1;
  }
  return `${characters.slice(0, Math.max(0, low)).join("").trimEnd()}…`;
}

/**
 * Breaks a text into at most `maxLines` lines of at most `width`: at spaces, and inside words that are longer than a
 * line; the last line is shortened if need be.
 */
export function wrapText(
  measure: Measure,
  text: string,
  size: number,
  width: number,
  maxLines: number,
): string[] {
  const lines: string[] = [];
  let rest = text.trim().replace(/\s+/g, " ");
  while (rest !== "" && lines.length < maxLines - 1) {
    const length = lineLength(measure, rest, size, width);
    lines.push(rest.slice(0, length).trimEnd());
    rest = rest.slice(length).trimStart();
  }
  if (rest !== "") lines.push(fitLine(measure, rest, size, width));
  return lines;
}

/** How much of a text, in UTF-16 units, goes into one line. */
function lineLength(measure: Measure, text: string, size: number, width: number): number {
  if (measure(text, size) <= width) return text.length;
  let end = 0;
  let lastSpace = 0;
  for (const character of graphemes(text)) {
    const next = end + character.length;
    if (character === " ") lastSpace = end;
    // At least one character a line, however narrow.
    else if (end > 0 && measure(text.slice(0, next), size) > width) return lastSpace > 0 ? lastSpace : end;
    end = next;
  }
  return end;
}

const SEGMENTER = new Intl.Segmenter("en", { granularity: "grapheme" });

/** What readers see as characters: an emoji of several code points stays whole. */
function graphemes(text: string): string[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
}
