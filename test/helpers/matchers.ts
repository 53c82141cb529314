import { expect } from "vitest";

/** A string that holds `text` (vitest's matcher is typed `any`). */
export function containing(text: string): unknown {
  return expect.stringContaining(text);
}

/** A string that matches `pattern`. */
export function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
