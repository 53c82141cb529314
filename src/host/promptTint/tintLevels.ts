import type { WordWinsReport } from "../../protocol/panel.js";

/** Steps of the tint: how many heads a word won, and how strongly. */
export const FILL_LEVELS = 4;
export const LINE_LEVELS = 3;

/** The step of one word, from 0 (the least) to `FILL_LEVELS - 1` and `LINE_LEVELS - 1`. */
export interface TintLevel {
  readonly fill: number;
  readonly line: number;
}

/**
 * The steps of the words that won at least one head, by position, relative to the most among them.
 * @param counts whether a position is one of the file's words: what the template adds does not pale them
 */
export function tintLevels(
  wins: WordWinsReport["wins"],
  counts: (position: number) => boolean,
): ReadonlyMap<number, TintLevel> {
  const words = wins.filter(({ position, wins: { heads } }) => heads > 0 && counts(position));
  const mostHeads = words.reduce((most, word) => Math.max(most, word.wins.heads), 0);
  const mostScore = words.reduce((most, word) => Math.max(most, word.wins.strongest.score), 0);
  return new Map(
    words.map(({ position, wins: { heads, strongest } }) => [
      position,
      { fill: step(heads / mostHeads, FILL_LEVELS), line: step(strongest.score / mostScore, LINE_LEVELS) },
    ]),
  );
}

/** A share above 0 up to 1 as one of so many equal steps. */
function step(share: number, steps: number): number {
  return Math.max(0, Math.min(steps - 1, Math.ceil(share * steps) - 1));
}
