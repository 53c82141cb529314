import { diffArrays } from "diff";
import type { Unit } from "./linkBetween.js";

/** More differences than this are no longer the same text. */
const MOST_DIFFERENCES = 4000;

/**
 * Indices of the units that two texts have in common, but for spaces, in order; null when they have too little in
 * common to be the same text.
 */
export function sameUnits(
  left: readonly Unit[],
  right: readonly Unit[],
): (readonly [number, number])[] | null {
  const [words, others] = [indicesOfWords(left), indicesOfWords(right)];
  const changes = diffArrays(words, others, {
    comparator: (a, b) => left[a]?.text !== null && left[a]?.text === right[b]?.text,
    maxEditLength: MOST_DIFFERENCES,
  });
  if (changes === undefined) return null;
  const same: (readonly [number, number])[] = [];
  let [a, b] = [0, 0];
  for (const { added, removed, count } of changes) {
    if (!added && !removed)
      for (let index = 0; index < count; index++)
        same.push([words[a + index] ?? -1, others[b + index] ?? -1]);
    if (!added) a += count;
    if (!removed) b += count;
  }
  return same;
}

function indicesOfWords(units: readonly Unit[]): number[] {
  return units.flatMap(({ text }, index) => (text === " " ? [] : [index]));
}
