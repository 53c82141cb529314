import { positivePart } from "./positivePart.js";
import type { Score } from "./settings.js";

/**
 * Scores a row of gradients over a set of positions (Eq. 4). The result lies in fields, not in a returned object: it
 * runs T x L x H times at each change of a setting.
 */
export class RowScorer {
  /** max, mean or mean of the k largest of G = max(dA, 0); 0 for an empty set. */
  value = 0;
  /** The position with the largest G, -1 when no G is above 0. */
  winner = -1;
  /** False when the row holds a NaN or an infinity at one of the positions. */
  finite = true;
  private readonly largest: Float64Array;

  constructor(private readonly score: Score) {
    this.largest = new Float64Array(score.kind === "top-k" ? score.k : 0);
  }

  /** Scores `row` [P] over `positions`. */
  run(row: Float32Array, positions: Int32Array): void {
    let top = 0;
    let winner = -1;
    let sum = 0;
    for (let index = 0; index < positions.length; index++) {
      const position = positions[index] ?? -1;
      const value = row[position] ?? 0;
      sum += positivePart(value);
      if (value > top) {
        top = value;
        winner = position;
      }
    }
    this.winner = winner;
    this.finite = Number.isFinite(sum);
    this.value = this.reduce(row, positions, top, sum);
  }

  private reduce(row: Float32Array, positions: Int32Array, top: number, sum: number): number {
    const count = positions.length;
    if (count === 0) return 0;
    switch (this.score.kind) {
      case "max":
        return top;
      case "mean":
        return sum / count;
      case "top-k":
        return this.score.k >= count ? sum / count : this.meanOfLargest(row, positions);
    }
  }

  /** Keeps the k largest in ascending order; most values are below the smallest of them and cost one comparison. */
  private meanOfLargest(row: Float32Array, positions: Int32Array): number {
    const { largest } = this;
    largest.fill(0);
    for (let index = 0; index < positions.length; index++) {
      const value = row[positions[index] ?? -1] ?? 0;
      if (value <= (largest[0] ?? 0)) continue;
      let slot = 0;
      for (; slot + 1 < largest.length && (largest[slot + 1] ?? 0) < value; slot++)
        largest[slot] = largest[slot + 1] ?? 0;
      largest[slot] = value;
    }
    return largest.reduce((sum, value) => sum + value, 0) / largest.length;
  }
}
