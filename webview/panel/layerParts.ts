import { rowOf } from "../../src/core/run/textWinner.js";
import type { LayerPart } from "../charts/layerBars.js";
import { keptCounts, tokensOf, type Subject } from "./selection.js";

/** Each layer's part in the subject's map, and its best scores. */
export function layerParts(subject: Subject): LayerPart[] {
  const { attribution, settings } = subject;
  const { layers, heads } = subject.data.info.model;
  const shares = layerShares(subject);
  const tokens = tokensOf(subject);
  const kept = keptCounts(subject);
  const best = (scores: Float32Array, layer: number): number =>
    tokens.reduce(
      (most, token) => rowOf(scores, token * layers + layer, heads).reduce((a, b) => Math.max(a, b), most),
      0,
    );
  return Array.from({ length: layers }, (_, layer) => ({
    layer,
    share: shares?.[layer] ?? null,
    image: best(attribution.scoreImage, layer),
    text: best(attribution.scoreText, layer),
    kept: kept.subarray(layer * heads, (layer + 1) * heads).reduce((a, b) => a + b, 0) / (tokens.length || 1),
    inRange: layer >= settings.layers[0] && layer < settings.layers[1],
  }));
}

/** Layer shares [L]: the token's, or those of the answer's tokens weighted by delta, as in the sequence map. */
function layerShares(subject: Subject): Float32Array | null {
  const { data, attribution, token } = subject;
  const { layers } = data.info.model;
  if (!attribution.layerShare) return null;
  if (token !== null) return rowOf(attribution.layerShare, token, layers);
  const sum = new Float32Array(layers);
  const tokens = tokensOf(subject);
  const total = tokens.reduce((all, index) => all + (attribution.tokenWeight[index] ?? 0), 0);
  if (total === 0) return sum;
  for (const index of tokens) {
    const weight = (attribution.tokenWeight[index] ?? 0) / total;
    rowOf(attribution.layerShare, index, layers).forEach((share, layer) => {
      sum[layer] = (sum[layer] ?? 0) + weight * share;
    });
  }
  return sum;
}
