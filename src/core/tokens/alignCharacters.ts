import type { Character } from "./characters.js";
import { foldCharacter } from "./foldCharacter.js";
import { linkBetween, type Link, type Unit } from "./linkBetween.js";
import { sameUnits } from "./sameUnits.js";

/** Where characters of one text are in another: half-open, in the other's places; null where they are not. */
export type Places = readonly (readonly [from: number, to: number] | null)[];

/**
 * Finds each character of a text in what a tokenizer or template made of it: other normal forms and cases, spaces
 * added, merged or trimmed, characters left out or not known. A character may end up in several places, and several
 * in one. Words are matched first and the spaces between them after, for spaces are what comes and goes.
 * @returns one range per source character, in the target's places; null when the two are not the same text
 */
export function alignCharacters(source: readonly Character[], target: readonly Character[]): Places | null {
  const [left, right] = [unitsOf(source), unitsOf(target)];
  const same = sameUnits(left, right);
  if (same === null) return null;
  const places: ([number, number] | null)[] = source.map(() => null);
  const link: Link = (a, b) => {
    const place = target[b.owner];
    if (place === undefined) return;
    const [from, to] = places[a.owner] ?? [place.from, place.to];
    places[a.owner] = [Math.min(from, place.from), Math.max(to, place.to)];
  };
  let [a, b] = [0, 0];
  for (const [nextA, nextB] of [...same, [left.length, right.length] as const]) {
    if (!linkBetween(left.slice(a, nextA), right.slice(b, nextB), link)) return null;
    const [one, other] = [left[nextA], right[nextB]];
    if (one && other) link(one, other);
    [a, b] = [nextA + 1, nextB + 1];
  }
  attachLeftOut(source, places);
  return places;
}

function unitsOf(characters: readonly Character[]): Unit[] {
  return characters.flatMap(({ text }, owner): Unit[] =>
    text === null ? [{ text, owner }] : foldCharacter(text).map((unit) => ({ text: unit, owner })),
  );
}

/** Merged spaces belong to the space that is left of them; a mark or joiner left out, to the character before it. */
function attachLeftOut(source: readonly Character[], places: ([number, number] | null)[]): void {
  const isSpace = (at: number): boolean => /^\s$/u.test(source[at]?.text ?? "");
  for (let at = 1; at < source.length; at++) {
    if (places[at] !== null) continue;
    const joins = /^[\p{M}\p{Cf}]$/u.test(source[at]?.text ?? "");
    if (joins || (isSpace(at) && isSpace(at - 1))) places[at] = places[at - 1] ?? null;
  }
  for (let at = source.length - 2; at >= 0; at--)
    if (places[at] === null && isSpace(at) && isSpace(at + 1)) places[at] = places[at + 1] ?? null;
}
