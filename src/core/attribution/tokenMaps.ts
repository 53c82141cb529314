import { positivePart } from "./positivePart.js";
import type { HeadRows } from "./headRows.js";

/** Token heatmaps [T, N] and how much each layer added to them [T, L]. */
export interface TokenMaps {
  readonly maps: Float32Array;
  readonly layerMass: Float32Array;
}

/**
 * E = sum over layers and heads of w * G at the image positions, G = max(dA, 0) (Eq. 5). Summed in float64.
 * @param weights [T, L, H]
 */
export function tokenMaps(rows: HeadRows, image: Int32Array, weights: Float32Array): TokenMaps {
  const maps = new Float32Array(rows.tokens * image.length);
  const layerMass = new Float32Array(rows.tokens * rows.layers);
  const sum = new Float64Array(image.length);
  let cell = 0;
  for (let token = 0; token < rows.tokens; token++) {
    sum.fill(0);
    for (let layer = 0; layer < rows.layers; layer++) {
      let mass = 0;
      for (let head = 0; head < rows.heads; head++, cell++) {
        const weight = weights[cell] ?? 0;
        if (weight !== 0) mass += addRow(sum, rows.row(token, layer, head), image, weight);
      }
      layerMass[token * rows.layers + layer] = mass;
    }
    maps.set(sum, token * image.length);
  }
  return { maps, layerMass };
}

function addRow(sum: Float64Array, row: Float32Array, image: Int32Array, weight: number): number {
  let mass = 0;
  for (let index = 0; index < image.length; index++) {
    const value = weight * positivePart(row[image[index] ?? -1] ?? 0);
    sum[index] = (sum[index] ?? 0) + value;
    mass += value;
  }
  return mass;
}

/** Each layer's share of the token's whole mass: rows sum to 1, an empty map has all 0. @returns [T, L] */
export function layerShares({ layerMass }: TokenMaps, layers: number): Float32Array {
  const shares = new Float32Array(layerMass.length);
  for (let start = 0; start < shares.length; start += layers) {
    const masses = layerMass.subarray(start, start + layers);
    const total = masses.reduce((sum, mass) => sum + mass, 0);
    if (total > 0)
      shares.set(
        masses.map((mass) => mass / total),
        start,
      );
  }
  return shares;
}
