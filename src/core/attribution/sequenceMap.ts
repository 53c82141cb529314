import { minMax } from "../heatmap/minMax.js";

/** One [N] row per token of an array [T, N]. */
function mapRows(maps: Float32Array, tokens: number): Float32Array[] {
  const size = maps.length / Math.max(tokens, 1);
  return Array.from({ length: tokens }, (_, token) => maps.subarray(token * size, (token + 1) * size));
}

/** Min-max of every token's map by itself. @param maps [T, N] @returns [T, N] */
export function minMaxRows(maps: Float32Array, tokens: number): Float32Array {
  const result = new Float32Array(maps.length);
  for (const [token, row] of mapRows(maps, tokens).entries()) result.set(minMax(row), token * row.length);
  return result;
}

/**
 * sum over t of weight * map (the sum of Eq. 6), in float64.
 * @param maps [T, N]
 * @param weights [T]
 * @param size N
 */
export function weightedSum(maps: Float32Array, weights: readonly number[], size: number): Float32Array {
  const sum = new Float64Array(size);
  for (const [token, row] of mapRows(maps, weights.length).entries()) {
    const weight = weights[token] ?? 0;
    if (weight === 0) continue;
    for (let index = 0; index < size; index++) sum[index] = (sum[index] ?? 0) + weight * (row[index] ?? 0);
  }
  return Float32Array.from(sum);
}
