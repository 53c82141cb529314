import type { Attribution } from "./types.js";

/** How often and how strongly one position of the sequence won the text score. */
export interface PositionWins {
  /** Heads won, over all tokens looked at. */
  readonly heads: number;
  /** Those of them that weigh nothing because of it: the head looked at the picture too, but at this word more. */
  readonly dropped: number;
  /** Sum of the S_text it won with. */
  readonly sum: number;
  /** The largest S_text it won with, and where. */
  readonly strongest: {
    readonly token: number;
    readonly layer: number;
    readonly head: number;
    readonly score: number;
  };
}

/** What to look at. */
export interface TextWinsScope {
  /** Tokens of the answer to count. */
  readonly tokens: readonly number[];
  /** Half-open layer range. */
  readonly layers: readonly [from: number, to: number];
  /** L of the model. */
  readonly layerCount: number;
  /** H of the model. */
  readonly headCount: number;
}

type Scores = Pick<Attribution, "textWinner" | "scoreImage" | "scoreText" | "headWeight">;

/** The wins of every position (prompt, then answer) that won S_text in at least one head of the scope. */
export function textWins(
  attribution: Scores,
  { tokens, layers: [from, to], layerCount, headCount }: TextWinsScope,
): Map<number, PositionWins> {
  const wins = new Map<number, PositionWins>();
  for (const token of tokens) {
    const first = token * layerCount * headCount;
    for (let place = from * headCount; place < to * headCount; place++) {
      const position = attribution.textWinner[first + place] ?? -1;
      if (position < 0) continue;
      const score = attribution.scoreText[first + place] ?? 0;
      const known = wins.get(position) ?? { heads: 0, dropped: 0, sum: 0, strongest: null };
      const [layer, head] = [Math.floor(place / headCount), place % headCount];
      const isStronger = known.strongest === null || score > known.strongest.score;
      wins.set(position, {
        heads: known.heads + 1,
        dropped: known.dropped + (isLostToText(attribution, first + place) ? 1 : 0),
        sum: known.sum + score,
        strongest: isStronger ? { token, layer, head, score } : known.strongest,
      });
    }
  }
  return wins;
}

/** True for a head that saw the picture, but the text at least as much, and has no weight. */
function isLostToText({ scoreImage, scoreText, headWeight }: Scores, cell: number): boolean {
  const image = scoreImage[cell] ?? 0;
  return headWeight[cell] === 0 && image > 0 && (scoreText[cell] ?? 0) >= image;
}
