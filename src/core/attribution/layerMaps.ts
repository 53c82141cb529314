import type { HeadRows } from "./headRows.js";
import { positionRuns, type PositionRuns } from "./positionRuns.js";
import { positivePart } from "./positivePart.js";
import type { AttributionSettings } from "./settings.js";

/** Token heatmaps [T, N] and how much each layer added to them [T, L], 0 outside the layer range. */
export interface TokenMaps {
  readonly maps: Float32Array;
  readonly layerMass: Float32Array;
}

/**
 * Token heatmaps under weights that change a little at a time: E = sum over layers and heads of w * G at the image
 * positions, G = max(dA, 0) (Eq. 5), summed in float64. Each layer's part is kept, and worked out anew only where the
 * weights of its heads or the gradient changed; the sum over layers only for tokens with such a layer.
 */
export class LayerMaps {
  /** Each layer's part of each token's map [T, L, N]; null where that would take too much room. */
  private readonly parts: Float64Array | null;
  /** What every part was made from: the heads' weights [T, L, H] and the version of the rows [T, L], -1: none yet. */
  private readonly weights: Float32Array;
  private readonly versions: Int32Array;
  private readonly mass: Float64Array;
  /** The part being made and the sum of parts, both [N]: one small place for each keeps the loops in the cache. */
  private readonly part: Float64Array;
  private readonly sum: Float64Array;
  private readonly maps: Float32Array;
  private range: AttributionSettings["layers"] = [0, 0];

  private readonly image: PositionRuns;

  /**
   * @param image [N]
   * @param maxBytes room that the layers' parts may take
   */
  constructor({ tokens, layers, heads }: HeadRows, image: Int32Array, maxBytes: number) {
    this.image = positionRuns(image);
    const size = tokens * layers * image.length;
    this.parts = 8 * size <= maxBytes ? new Float64Array(size) : null;
    this.weights = new Float32Array(tokens * layers * heads);
    this.versions = new Int32Array(tokens * layers).fill(-1);
    this.mass = new Float64Array(tokens * layers);
    this.part = new Float64Array(image.length);
    this.sum = new Float64Array(image.length);
    this.maps = new Float32Array(tokens * image.length);
  }

  /**
   * The maps of the layers in range, as copies that later changes leave alone.
   * @param weights [T, L, H]
   */
  of(rows: HeadRows, weights: Float32Array, range: AttributionSettings["layers"]): TokenMaps {
    const otherRange = range[0] !== this.range[0] || range[1] !== this.range[1];
    this.range = range;
    const layerMass = new Float32Array(this.mass.length);
    for (let token = 0; token < rows.tokens; token++) {
      if (this.isOutdated(rows, weights, token) || otherRange) this.sumLayers(rows, weights, token);
      const first = token * rows.layers;
      layerMass.set(this.mass.subarray(first + range[0], first + range[1]), first + range[0]);
    }
    return { maps: this.maps.slice(), layerMass };
  }

  private isOutdated(rows: HeadRows, weights: Float32Array, token: number): boolean {
    for (let layer = this.range[0]; layer < this.range[1]; layer++)
      if (!this.isCurrent(rows, weights, token, layer)) return true;
    return false;
  }

  private isCurrent(rows: HeadRows, weights: Float32Array, token: number, layer: number): boolean {
    const place = token * rows.layers + layer;
    if (this.versions[place] !== rows.version(token, layer)) return false;
    for (let cell = place * rows.heads; cell < (place + 1) * rows.heads; cell++)
      if (this.weights[cell] !== weights[cell]) return false;
    return true;
  }

  private sumLayers(rows: HeadRows, weights: Float32Array, token: number): void {
    const { sum, parts, part } = this;
    const size = sum.length;
    sum.fill(0);
    for (let layer = this.range[0]; layer < this.range[1]; layer++) {
      const start = (token * rows.layers + layer) * size;
      if (parts !== null && this.isCurrent(rows, weights, token, layer)) {
        add(sum, parts, start);
        continue;
      }
      this.makePart(rows, weights, token, layer);
      parts?.set(part, start);
      add(sum, part, 0);
    }
    this.maps.set(sum, token * size);
  }

  /** Fills `part`. */
  private makePart(rows: HeadRows, weights: Float32Array, token: number, layer: number): void {
    const { part, image } = this;
    const place = token * rows.layers + layer;
    const first = place * rows.heads;
    const values = rows.layer(token, layer);
    part.fill(0);
    for (let head = 0; head < rows.heads; head++) {
      const weight = weights[first + head] ?? 0;
      this.weights[first + head] = weight;
      if (weight !== 0) addHead(part, values, head * rows.positions, image, weight);
    }
    this.mass[place] = total(part);
    this.versions[place] = rows.version(token, layer);
  }
}

/** Adds weight * G at the image positions of the head whose row begins at `start`. */
function addHead(
  part: Float64Array,
  values: Float32Array,
  start: number,
  { bounds }: PositionRuns,
  weight: number,
): void {
  let cell = 0;
  for (let run = 0; run < bounds.length; run += 2) {
    const to = start + (bounds[run + 1] ?? 0);
    for (let index = start + (bounds[run] ?? 0); index < to; index++, cell++)
      part[cell] = (part[cell] ?? 0) + weight * positivePart(values[index] ?? 0);
  }
}

/** Adds the values from `start` on to a sum [N]. */
function add(sum: Float64Array, values: Float64Array, start: number): void {
  for (let index = 0; index < sum.length; index++)
    sum[index] = (sum[index] ?? 0) + (values[start + index] ?? 0);
}

function total(values: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index] ?? 0;
  return sum;
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
