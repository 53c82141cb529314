import type { PositionRuns } from "./positionRuns.js";
import { positivePart } from "./positivePart.js";
import type { Score } from "./settings.js";

/**
 * Scores a row of gradients over a set of positions (Eq. 4). The result lies in fields, not in a returned object: it
 * runs T x L x H times when the text set or the score changes.
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

  /** Scores the row that begins at `start` over `positions`. */
  run(values: Float32Array, start: number, positions: PositionRuns): void {
    const { bounds } = positions;
    let top = 0;
    let winner = -1;
    let sum = 0;
    for (let run = 0; run < bounds.length; run += 2) {
      const to = bounds[run + 1] ?? 0;
      for (let position = bounds[run] ?? 0; position < to; position++) {
        const value = values[start + position] ?? 0;
        sum += positivePart(value);
        if (value > top) {
          top = value;
          winner = position;
        }
      }
    }
    this.winner = winner;
    this.finite = Number.isFinite(sum);
    this.value = positions.count === 0 ? 0 : this.reduce(values, start, positions, top, sum);
  }

  private reduce(
    values: Float32Array,
    start: number,
    positions: PositionRuns,
    top: number,
    sum: number,
  ): number {
    switch (this.score.kind) {
      case "max":
        return top;
      case "mean":
        return sum / positions.count;
      case "top-k":
        return this.score.k >= positions.count
          ? sum / positions.count
          : this.meanOfLargest(values, start, positions.bounds);
    }
  }

  /** Keeps the k largest in ascending order; most values are below the smallest of them and cost one comparison. */
  private meanOfLargest(values: Float32Array, start: number, bounds: Int32Array): number {
    const { largest } = this;
    largest.fill(0);
    for (let run = 0; run < bounds.length; run += 2) {
      const to = start + (bounds[run + 1] ?? 0);
      for (let index = start + (bounds[run] ?? 0); index < to; index++) {
        const value = values[index] ?? 0;
        if (value > (largest[0] ?? 0)) this.insert(value);
      }
    }
    return largest.reduce((sum, value) => sum + value, 0) / largest.length;
  }

  private insert(value: number): void {
    const { largest } = this;
    let slot = 0;
    for (; slot + 1 < largest.length && (largest[slot + 1] ?? 0) < value; slot++)
      largest[slot] = largest[slot + 1] ?? 0;
    largest[slot] = value;
  }
}
