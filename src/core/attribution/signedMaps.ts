import type { Preset } from "./settings.js";
import type { TokenGradient } from "./types.js";

/** Where a token's rows have what a map is made of. */
export interface RowPlaces {
  /** H */
  readonly heads: number;
  /** [N] prompt positions of the image tokens. */
  readonly imagePositions: Int32Array;
  /** Under `reference` the last layer is the one of the authors' published code. */
  readonly preset: Preset;
}

/**
 * A token's map with both signs [N]: sum over heads of w * dA at the image positions, the counterpart of Eq. 5 without
 * the cut at 0. Negative where looking there speaks against the token.
 * @param weights of the token's heads [L, H], 0 outside the layer range (a row of `headWeight`)
 */
export function signedTokenMap(row: TokenGradient, weights: Float32Array, places: RowPlaces): Float32Array {
  const sum = new Float64Array(places.imagePositions.length);
  for (const [index, weight] of weights.entries())
    if (weight !== 0)
      for (const [cell, value] of signedHeadMap(row, weights.length, index, places).entries())
        sum[cell] = (sum[cell] ?? 0) + weight * value;
  return Float32Array.from(sum);
}

/** One head's own dA at the image positions, both signs [N]. @param size L * H @param index layer * H + head */
export function signedHeadMap(
  { gradient, gradientReferenceLast }: TokenGradient,
  size: number,
  index: number,
  { heads, imagePositions, preset }: RowPlaces,
): Float32Array {
  const positions = gradient.length / size;
  const firstOfLast = size - heads;
  const doubled = preset === "reference" && index >= firstOfLast ? gradientReferenceLast : null;
  const values = doubled ?? gradient;
  const start = (doubled ? index - firstOfLast : index) * positions;
  return Float32Array.from(imagePositions, (position) => values[start + position] ?? 0);
}
