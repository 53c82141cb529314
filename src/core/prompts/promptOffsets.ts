import type { PromptFile } from "./types.js";

/**
 * Where a place in the words stands in the file: the words count every line end as one character, the file may not.
 * @param file what `parsePromptFile` made of `text`
 * @param offset UTF-16 offset in `file.prompt`; beyond its ends it is taken to them
 */
export function documentOffset(file: Pick<PromptFile, "promptSpan">, text: string, offset: number): number {
  const [from, to] = file.promptSpan;
  const words = text.slice(from, to);
  if (!words.includes("\r\n")) return Math.max(from, Math.min(to, from + offset));
  let at = from;
  for (let passed = 0; passed < offset && at < to; passed++) at += text.startsWith("\r\n", at) ? 2 : 1;
  return at;
}

/** Line and column (both from 1, UTF-16) of an offset, as `file:line:column` is written. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1) ?? "").replace(/^\uFEFF/, "").length + 1 };
}
