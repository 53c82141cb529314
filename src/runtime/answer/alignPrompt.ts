/** Tokens that a tokenizer puts before or after a prompt at most. */
const MOST_ADDED = 2;
/** Tokens of the rendered prompt that the picture's may replace: its placeholder, and one merged with it on each side. */
const MOST_REPLACED = 3;

/**
 * Where each token of a rendered prompt, its placeholder once, is in the prompt with all that stands for the picture;
 * null for the placeholder and for what was merged with it. Null when the one is not the other with a picture put in.
 * @param imageToken a run of it that stands for one placeholder needs nothing around it
 */
export function alignPrompt(
  plain: readonly number[],
  ids: readonly number[],
  imageToken: number,
): readonly (number | null)[] | null {
  // The picture's tokens stand for one placeholder.
  const positions = [...ids.keys()].filter((at) => ids[at] !== imageToken || ids[at - 1] !== imageToken);
  const lead = positions.findIndex((_, start) =>
    plain.every((id, index) => ids[positions[start + index] ?? -1] === id),
  );
  if (lead !== -1) return plain.map((_, index) => positions[lead + index] ?? null);
  return alignEnds(plain, ids);
}

/** The same where the family writes marks around the picture: what comes before and after them is alike. */
function alignEnds(plain: readonly number[], ids: readonly number[]): readonly (number | null)[] | null {
  const before = longest((added) => sameTokens(plain, ids.slice(added)));
  const after = longest((added) =>
    sameTokens(plain.toReversed(), ids.slice(0, ids.length - added).toReversed()),
  );
  if (before.length + after.length < plain.length - MOST_REPLACED) return null;
  const offset = ids.length - after.added - plain.length;
  return plain.map((_, index) => {
    if (index < before.length) return index + before.added;
    return index >= plain.length - after.length ? index + offset : null;
  });
}

function longest(lengthWith: (added: number) => number): { readonly added: number; readonly length: number } {
  const tried = Array.from({ length: MOST_ADDED + 1 }, (_, added) => ({ added, length: lengthWith(added) }));
  return tried.reduce((best, next) => (next.length > best.length ? next : best));
}

/** How many tokens two sequences have in common at their beginning. */
function sameTokens(a: readonly number[], b: readonly number[]): number {
  const different = a.findIndex((id, at) => id !== b[at]);
  return different === -1 ? a.length : different;
}
