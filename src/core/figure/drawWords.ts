import type { Block, Box } from "./types.js";
import { wrapText } from "./fitText.js";
import { boldWidth, regularWidth } from "./textWidth.js";
import { escapeXml, tag } from "./xml.js";

/** Colours of words and lines: on white paper, legible in print. */
export const INK = { text: "#1f2328", muted: "#59636e", line: "#8c959f", accent: "#1f6fd0" } as const;

/** How lines of words look; sizes in points. */
export interface WordStyle {
  readonly size: number;
  readonly bold?: boolean;
  readonly fill?: string;
  readonly maxLines: number;
}

/** Height of a line over the size of its letters. */
export const LINE = 1.35;

/** Draws a text from the top of the box down, wrapped and in the end shortened to its width. */
export function drawWords(text: string, { x, y, width }: Omit<Box, "height">, style: WordStyle): Block {
  const { size, bold = false, fill = INK.text, maxLines } = style;
  const lines = wrapText(bold ? boldWidth : regularWidth, text, size, width, maxLines);
  const rtl = isRightToLeft(text);
  const drawn = lines.map((line, index) =>
    drawLine(line, rtl ? x + width : x, y + size * (LINE * index + 1), {
      "font-size": size,
      "font-weight": bold ? "bold" : undefined,
      fill,
      direction: rtl ? "rtl" : undefined,
    }),
  );
  return { svg: drawn.join(""), height: lines.length * LINE * size };
}

/** One line of words as it is, its baseline at `y`. */
export function drawLine(
  text: string,
  x: number,
  y: number,
  look: Readonly<Record<string, string | number | undefined>>,
): string {
  return tag("text", { x, y, ...look }, escapeXml(text));
}

/** True when the first letter that has a direction is written from right to left. */
export function isRightToLeft(text: string): boolean {
  const first = /\p{L}/u.exec(text)?.[0] ?? "";
  return /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(first);
}
