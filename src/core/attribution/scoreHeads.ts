import { DexarError } from "../errors.js";
import type { HeadRows } from "./headRows.js";
import { positionRuns, type PositionRuns } from "./positionRuns.js";
import { RowScorer } from "./rowScorer.js";
import type { Score } from "./settings.js";

/** S_img and S_text of every head with the positions that won them, all [T, L, H]. */
export interface HeadScores {
  readonly scoreImage: Float32Array;
  readonly scoreText: Float32Array;
  readonly imageWinner: Int32Array;
  readonly textWinner: Int32Array;
}

/** One side's scores (Eq. 4) with the winning positions, both [T, L, H], worked out anew only where rows changed. */
export class SideScores {
  private readonly scores: Float32Array;
  private readonly winners: Int32Array;
  /** Version of the rows that each layer of a token was scored from [T, L]; -1: not yet. */
  private readonly versions: Int32Array;
  private readonly scorer: RowScorer;
  private readonly positions: readonly PositionRuns[];

  /** @param positions ascending, per token [T] */
  constructor({ tokens, layers, heads }: HeadRows, positions: readonly Int32Array[], score: Score) {
    this.positions = positions.map(positionRuns);
    this.scores = new Float32Array(tokens * layers * heads);
    this.winners = new Int32Array(tokens * layers * heads);
    this.versions = new Int32Array(tokens * layers).fill(-1);
    this.scorer = new RowScorer(score);
  }

  /**
   * The scores of `rows`, as copies that later changes leave alone.
   * @throws DexarError `gradient-not-finite`
   */
  of(rows: HeadRows): { scores: Float32Array; winners: Int32Array } {
    for (const [token, positions] of this.positions.entries())
      for (let layer = 0; layer < rows.layers; layer++) {
        const place = token * rows.layers + layer;
        const version = rows.version(token, layer);
        if (this.versions[place] === version) continue;
        this.scoreLayer(rows, token, layer, positions);
        this.versions[place] = version;
      }
    return { scores: this.scores.slice(), winners: this.winners.slice() };
  }

  private scoreLayer(rows: HeadRows, token: number, layer: number, positions: PositionRuns): void {
    const { scorer } = this;
    const values = rows.layer(token, layer);
    const first = (token * rows.layers + layer) * rows.heads;
    for (let head = 0; head < rows.heads; head++) {
      scorer.run(values, head * rows.positions, positions);
      if (!scorer.finite) throw notFinite(token, layer, head);
      this.scores[first + head] = scorer.value;
      this.winners[first + head] = scorer.winner;
    }
  }
}

function notFinite(token: number, layer: number, head: number): DexarError {
  return new DexarError(
    "gradient-not-finite",
    `The gradient of token ${token} in layer ${layer}, head ${head} is not a finite number.`,
    "Run the model with a wider data type (fp32): half precision overflows in some models.",
  );
}
