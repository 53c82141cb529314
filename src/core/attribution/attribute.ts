import { minMax } from "../heatmap/minMax.js";
import { headRows } from "./headRows.js";
import { scoreHeads } from "./scoreHeads.js";
import { minMaxRows, weightedSum } from "./sequenceMap.js";
import type { AttributionSettings, Preset } from "./settings.js";
import { textPositions } from "./textPositions.js";
import { layerShares, tokenMaps } from "./tokenMaps.js";
import type { Attribution, AttributionInput } from "./types.js";
import { uniformWeights, weighHeads, weighTokens } from "./weights.js";

/**
 * Everything after dA: scores, head filter, token and sequence heatmaps (Eq. 4-6) with their reasons. Pure
 * arithmetic, cheap enough to run at each change of a setting.
 * @param settings checked ones (`resolveSettings`)
 * @throws DexarError `bad-attribution-input`, `bad-setting`, `no-reference-gradient`, `gradient-not-finite`
 */
export function attribute(input: AttributionInput, settings: AttributionSettings): Attribution {
  const image = input.imagePositions;
  const rows = headRows(input, settings);
  const scores = scoreHeads(rows, image, textPositions(input, settings), settings.score);
  const headWeight = weighHeads(rows, scores, settings);
  const { tokenWeight, reasons } = weighTokens(rows, scores, settings.layers);
  const filtered = tokenMaps(rows, image, headWeight);
  const unfiltered = tokenMaps(rows, image, uniformWeights(rows, settings.layers));
  const counted = input.stops
    .slice(input.firstToken ?? 0)
    .map((stop) => (stop && !settings.includeStop ? 0 : 1));
  const delta = counted.map((count, token) => count * (tokenWeight[token] ?? 0));
  const [tokenHeatmap, sequenceHeatmap] = finish(filtered.maps, delta, image.length, settings.preset);
  const [tokenHeatmapUnfiltered, sequenceHeatmapUnfiltered] = finish(
    unfiltered.maps,
    counted,
    image.length,
    settings.preset,
  );
  return {
    ...scores,
    headWeight,
    tokenWeight,
    reasons,
    tokenHeatmap,
    tokenHeatmapUnfiltered,
    sequenceHeatmap,
    sequenceHeatmapUnfiltered,
    layerShare: layerShares(filtered, rows.layers),
  };
}

/**
 * Token maps [T, N] and sequence map [N] as the preset returns them. The published code's min-max over all gradients
 * at once is a shift and a factor common to all of them, which the min-max of each returned map takes out again.
 */
function finish(
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
