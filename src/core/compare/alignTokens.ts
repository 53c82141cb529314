import { diffArrays } from "diff";
import { answerText, type AlignedToken, type AnswerText, type AnswerWord } from "./words.js";

/** Tokens of two answers that stand for each other, by index; on one side several where the tokenizers differ. */
export interface TokenPair {
  /** `same`: the same letters; `changed`: other ones at the same place; `removed`: only in A; `added`: only in B. */
  readonly kind: "same" | "changed" | "removed" | "added";
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** A place in both answers, in characters. */
type Place = readonly [a: number, b: number];

/** Words that may differ before two answers count as different throughout: the search takes time with their square. */
const MOST_EDITS = 2000;

/**
 * Pairs the tokens of two answers, each token once and in order. Words are aligned first (case and blanks do not
 * count), then tokens inside them where both tokenizers cut at the same letter; a word that stands where another one
 * stood is its pair.
 */
export function alignTokens(a: readonly AlignedToken[], b: readonly AlignedToken[]): TokenPair[] {
  const [left, right] = [answerText(a), answerText(b)];
  const cuts = commonPlaces(left, right).flatMap(([placeA, placeB]): Place[] => {
    const [startA, startB] = [left.starts.get(placeA), right.starts.get(placeB)];
    return startA === undefined || startB === undefined ? [] : [[startA, startB]];
  });
  const pairs: TokenPair[] = [];
  let [doneA, doneB] = [0, 0];
  for (const [toA, toB] of [...cuts, [a.length, b.length] as const]) {
    pairs.push(...pairsOf(a, b, indices(doneA, toA), indices(doneB, toB)));
    [doneA, doneB] = [toA, toB];
  }
  return pairs;
}

function indices(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function pairsOf(
  tokensA: readonly AlignedToken[],
  tokensB: readonly AlignedToken[],
  a: readonly number[],
  b: readonly number[],
): TokenPair[] {
  if (b.length === 0) return a.map((index) => ({ kind: "removed", a: [index], b: [] }));
  if (a.length === 0) return b.map((index) => ({ kind: "added", a: [], b: [index] }));
  const same = lettersOf(tokensA, a) === lettersOf(tokensB, b);
  if (!same) return [{ kind: "changed", a, b }];
  const oneToOne =
    a.length === b.length && a.every((index, at) => isSame(tokensA[index], tokensB[b[at] ?? -1]));
  if (!oneToOne) return [{ kind: "same", a, b }];
  return a.map((index, at) => ({ kind: "same", a: [index], b: [b[at] ?? 0] }));
}

function isSame(a: AlignedToken | undefined, b: AlignedToken | undefined): boolean {
  return a?.text === b?.text && a?.stop === b?.stop;
}

function lettersOf(tokens: readonly AlignedToken[], chosen: readonly number[]): string {
  return answerText(chosen.flatMap((index) => tokens[index] ?? [])).text.normalize("NFC");
}

/** Every place, in order, up to which the two answers correspond. */
function commonPlaces(a: AnswerText, b: AnswerText): Place[] {
  const places: Place[] = [[0, 0]];
  let removed: readonly AnswerWord[] = [];
  const [left, right] = [[...a.words], [...b.words]];
  const steps = wordSteps(left, right);
  for (const [index, { kind, count }] of steps.entries()) {
    const [wordsA, wordsB] = [
      kind === "added" ? [] : left.splice(0, count),
      kind === "removed" ? [] : right.splice(0, count),
    ];
    if (kind === "removed" && steps[index + 1]?.kind === "added") {
      removed = wordsA;
      continue;
    }
    places.push(...placesOf(kind === "added" ? removed : wordsA, wordsB, places.at(-1) ?? [0, 0]));
    removed = [];
  }
  return places;
}

/** Places after each word: word by word where there are as many on both sides, else first those of A, then of B. */
function placesOf(a: readonly AnswerWord[], b: readonly AnswerWord[], [startA, startB]: Place): Place[] {
  if (a.length === b.length) return a.flatMap((word, index) => placesInWord(word, b[index] ?? word));
  const endA = a.at(-1)?.to ?? startA;
  return [...a.map((word): Place => [word.to, startB]), ...b.map((word): Place => [endA, word.to])];
}

function placesInWord(a: AnswerWord, b: AnswerWord): Place[] {
  const alike = a.key === b.key && a.to - a.from === b.to - b.from;
  if (!alike) return [[a.to, b.to]];
  return Array.from({ length: a.to - a.from }, (_, at): Place => [a.from + at + 1, b.from + at + 1]);
}

interface WordStep {
  readonly kind: "same" | "removed" | "added";
  readonly count: number;
}

function wordSteps(a: readonly AnswerWord[], b: readonly AnswerWord[]): WordStep[] {
  const found = diffArrays([...a], [...b], {
    comparator: (left, right) => left.key === right.key,
    maxEditLength: MOST_EDITS,
  }) as ReturnType<typeof diffArrays> | undefined;
  if (found === undefined)
    return [
      { kind: "removed", count: a.length },
      { kind: "added", count: b.length },
    ];
  return found.map(({ added, removed, count }) => ({
    kind: added ? "added" : removed ? "removed" : "same",
    count,
  }));
}
