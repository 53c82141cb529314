/** A text as the list of its lines, which is how it can be compared line by line; without text no lines. */
export function toLines(text: string): string[] {
  return text === "" ? [] : text.split("\n");
}

/** The inverse of `toLines`. */
export function fromLines(lines: readonly string[]): string {
  return lines.join("\n");
}
