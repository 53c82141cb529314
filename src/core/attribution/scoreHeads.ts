import { DexarError } from "../errors.js";
import type { HeadRows } from "./headRows.js";
import { RowScorer } from "./rowScorer.js";
import type { Score } from "./settings.js";

/** S_img and S_text of every head with the positions that won them, all [T, L, H]. */
export interface HeadScores {
  readonly scoreImage: Float32Array;
  readonly scoreText: Float32Array;
  readonly imageWinner: Int32Array;
  readonly textWinner: Int32Array;
}

/**
 * Image and text score of every head (Eq. 4).
 * @param text text positions per token [T]
 * @throws DexarError `gradient-not-finite`
 */
export function scoreHeads(
  rows: HeadRows,
  image: Int32Array,
  text: readonly Int32Array[],
  score: Score,
): HeadScores {
  const size = rows.tokens * rows.layers * rows.heads;
  const scoreImage = new Float32Array(size);
  const scoreText = new Float32Array(size);
  const imageWinner = new Int32Array(size);
  const textWinner = new Int32Array(size);
  const scorer = new RowScorer(score);
  let cell = 0;
  for (const [token, textOfToken] of text.entries())
    for (let layer = 0; layer < rows.layers; layer++)
      for (let head = 0; head < rows.heads; head++, cell++) {
        const row = rows.row(token, layer, head);
        scorer.run(row, image);
        requireFinite(scorer, token, layer, head);
        scoreImage[cell] = scorer.value;
        imageWinner[cell] = scorer.winner;
        scorer.run(row, textOfToken);
        requireFinite(scorer, token, layer, head);
        scoreText[cell] = scorer.value;
        textWinner[cell] = scorer.winner;
      }
  return { scoreImage, scoreText, imageWinner, textWinner };
}

function requireFinite({ finite }: RowScorer, token: number, layer: number, head: number): void {
  if (finite) return;
  throw new DexarError(
    "gradient-not-finite",
    `The gradient of token ${token} in layer ${layer}, head ${head} is not a finite number.`,
    "Run the model with a wider data type (fp32): half precision overflows in some models.",
  );
}
