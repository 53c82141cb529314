import type { Typeface } from "./typeface.js";

/** Shortens a line with `…` until it is at most `width` wide. */
export function fitLine(face: Typeface, text: string, size: number, width: number): string {
  if (face.measure(text, size) <= width) return text;
  const characters = Array.from(text);
  let low = 0;
  let high = characters.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (face.measure(`${characters.slice(0, middle).join("")}…`, size) <= width) low = middle;
    else high = middle - 1;
  }
  return `${characters.slice(0, low).join("").trimEnd()}…`;
}

/** Breaks a text at spaces into at most `maxLines` lines of at most `width`; the last one is shortened if need be. */
export function wrapText(
  face: Typeface,
  text: string,
  size: number,
  width: number,
  maxLines: number,
): string[] {
  const lines: string[] = [];
  let rest = text.split(/\s+/).filter((word) => word !== "");
  while (rest.length > 0 && lines.length < maxLines - 1) {
    let count = 1;
    while (count < rest.length && face.measure(rest.slice(0, count + 1).join(" "), size) <= width) count += 1;
    lines.push(fitLine(face, rest.slice(0, count).join(" "), size, width));
    rest = rest.slice(count);
  }
  if (rest.length > 0) lines.push(fitLine(face, rest.join(" "), size, width));
  return lines;
}
