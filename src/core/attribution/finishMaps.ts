import { minMax } from "../heatmap/minMax.js";
import { minMaxRows, weightedSum } from "./sequenceMap.js";
import type { Preset } from "./settings.js";

/**
 * Token maps [T, N] and sequence map [N] as the preset returns them. The published code's min-max over all gradients
 * at once is a shift and a factor common to all of them, which the min-max of each returned map takes out again.
 * @param maps sums of the heads' maps [T, N]
 * @param weights of the tokens in the sequence map [T]
 * @param size N
 */
export function finishMaps(
  maps: Float32Array,
  weights: readonly number[],
  size: number,
  preset: Preset,
): [tokens: Float32Array, sequence: Float32Array] {
  const normalised = minMaxRows(maps, weights.length);
  switch (preset) {
    case "paper":
      return [maps, weightedSum(normalised, weights, size)];
    case "reference":
      return [normalised, minMax(weightedSum(maps, weights, size))];
  }
}
