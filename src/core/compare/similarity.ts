/** How alike two maps are, both as shares of their sum over the same cells. */
export interface Similarity {
  /** Sum of the smaller share in each cell, 0 to 1: the part of the one map that lies where the other one does. */
  readonly overlap: number;
  /** Pearson's correlation over the cells, -1 to 1; null when one map is the same everywhere. */
  readonly correlation: number | null;
  /** Cosine of the angle between the maps as vectors, 0 to 1. */
  readonly cosine: number;
}

/** Compares two maps [N] of shares; null when one of them is empty. */
export function similarity(a: Float32Array, b: Float32Array): Similarity | null {
  if (sumOf(a) === 0 || sumOf(b) === 0) return null;
  return {
    overlap: Math.min(1, sumOf(a.map((share, cell) => Math.min(share, b[cell] ?? 0)))),
    correlation: correlation(a, b),
    cosine: Math.min(1, product(a, b) / Math.sqrt(product(a, a) * product(b, b))),
  };
}

function correlation(a: Float32Array, b: Float32Array): number | null {
  const [meanA, meanB] = [sumOf(a) / a.length, sumOf(b) / b.length];
  const [offA, offB] = [Float64Array.from(a, (x) => x - meanA), Float64Array.from(b, (x) => x - meanB)];
  const [squaresA, squaresB] = [product(offA, offA), product(offB, offB)];
  // Shares that differ by rounding alone have no direction.
  const flat = (squares: number, mean: number): boolean => squares <= 1e-12 * a.length * mean * mean;
  if (flat(squaresA, meanA) || flat(squaresB, meanB)) return null;
  return Math.max(-1, Math.min(1, product(offA, offB) / Math.sqrt(squaresA * squaresB)));
}

function sumOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function product(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}
