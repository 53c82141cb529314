/** What a person is about to write in front matter. */
export type FrontMatterPlace =
  | { readonly kind: "key"; readonly from: number; readonly used: readonly string[] }
  /** A value, or an item of a list, as far as it is written; `from` is where it begins. */
  | { readonly kind: "value"; readonly key: string; readonly from: number; readonly written: string };

/**
 * What is written at a place of a prompt file's front matter, closed or not yet; null outside of it.
 * @param text of the document @param offset UTF-16 offset
 */
export function frontMatterPlace(text: string, offset: number): FrontMatterPlace | null {
  const start = text.startsWith("\uFEFF") ? 1 : 0;
  const lineStart = Math.max(start, text.lastIndexOf("\n", offset - 1) + 1);
  const above = text.slice(start, lineStart).split(/\r?\n/).slice(0, -1);
  if (above[0]?.trimEnd() !== "---" || above.slice(1).some((line) => line.trimEnd() === "---")) return null;
  const line = text.slice(lineStart, offset);
  const value = /^(\w+)[ \t]*:[ \t]*(.*)$/.exec(line);
  if (value) return valueAt(value[1] ?? "", value[2] ?? "", offset);
  const item = /^[ \t]*-(?:[ \t]+(.*))?$/.exec(line);
  if (item) {
    const key = above.map(keyOf).findLast((name) => name !== null);
    return key === undefined || item[1] === undefined ? null : valueAt(key, item[1], offset);
  }
  if (!/^\w*$/.test(line)) return null;
  return { kind: "key", from: lineStart, used: usedKeys(text, start, lineStart) };
}

/** In `images: [a.png, b` the last piece is being written. */
function valueAt(key: string, written: string, offset: number): FrontMatterPlace {
  const piece = written.startsWith("[") ? (/[[,][ \t]*([^,]*)$/.exec(written)?.[1] ?? "") : written;
  return { kind: "value", key, from: offset - piece.length, written: piece };
}

/** Keys of all lines but the one that is being written. */
function usedKeys(text: string, start: number, lineStart: number): readonly string[] {
  const nextLine = text.indexOf("\n", lineStart);
  const below = nextLine === -1 ? [] : text.slice(nextLine + 1).split(/\r?\n/);
  const close = below.findIndex((line) => line.trimEnd() === "---");
  const lines = [...text.slice(start, lineStart).split(/\r?\n/), ...below.slice(0, Math.max(0, close))];
  return lines.map(keyOf).filter((name) => name !== null);
}

function keyOf(line: string): string | null {
  return /^(\w+)[ \t]*:/.exec(line)?.[1] ?? null;
}
