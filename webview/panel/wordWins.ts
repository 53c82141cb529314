import { textWins, type PositionWins } from "../../src/core/attribution/textWins.js";
import { headCount, tokensOf, type HeadPlace, type Subject } from "./selection.js";

/** The wins of every position that won at least one head of the layer range. */
export interface WordWins {
  readonly byPosition: ReadonlyMap<number, PositionWins>;
  /** Heads of the layer range, times tokens. */
  readonly total: number;
}

/** Who won S_text in the subject's tokens; null when the page does not know (no gradient). */
export function wordWins(subject: Subject): WordWins | null {
  const { attribution, data, settings } = subject;
  const { textWinner } = attribution;
  if (!textWinner) return null;
  const { layers: layerCount, heads } = data.info.model;
  const { layers } = settings;
  // Of a run that is being made, only what is explained already.
  const tokens = tokensOf(subject).filter((token) => token < (data.explained ?? Infinity));
  const scope = { tokens, layers, layerCount, headCount: heads };
  return {
    byPosition: textWins({ ...attribution, textWinner }, scope),
    total: tokens.length * (layers[1] - layers[0]) * heads,
  };
}

/** The heads whose text score a position won, strongest first; over the answer, each with its best token. */
export function headsOfWord(subject: Subject, position: number): readonly HeadPlace[] {
  const { textWinner, scoreText } = subject.attribution;
  const { heads } = subject.data.info.model;
  const [from, to] = subject.settings.layers;
  const size = headCount(subject);
  const best = new Map<number, number>();
  for (const token of tokensOf(subject))
    for (let index = from * heads; index < to * heads; index++)
      if (textWinner?.[token * size + index] === position)
        best.set(index, Math.max(best.get(index) ?? 0, scoreText[token * size + index] ?? 0));
  return [...best]
    .sort((a, b) => b[1] - a[1])
    .map(([index]) => ({ layer: Math.floor(index / heads), head: index % heads }));
}
