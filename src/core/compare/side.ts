import type { AttributionSettings } from "../attribution/settings.js";
import { minMax } from "../heatmap/minMax.js";
import type { ShownAttribution } from "../run/shownAttribution.js";
import { rowOf } from "../run/textWinner.js";
import type { RunInfo } from "../run/types.js";
import type { PlacedMap } from "./differenceMap.js";

/** One of two explanations that are compared. */
export interface ComparedRun {
  readonly info: RunInfo;
  /** Made under `settings`. */
  readonly attribution: ShownAttribution;
  readonly settings: AttributionSettings;
}

/** Which tokens of a run, by index: several that form a word; none where the other answer has no counterpart; null: the answer. */
export type TokenChoice = readonly number[] | null;

/** What is compared of one side. */
export interface ComparedSide {
  readonly map: PlacedMap;
  /** Largest delta of the tokens (Eq. 6), of the whole answer the largest of all; null without tokens. */
  readonly delta: number | null;
  /** Each layer's share of the map [L], 0 to 1; null when the run was saved without its gradient. */
  readonly layerShare: Float32Array | null;
  /** Each head's share of all weights w [L * H], 0 to 1; all 0 when every head was dropped. */
  readonly headShare: Float32Array;
  /** Mean w of each head over the tokens [L * H]. */
  readonly headWeight: Float32Array;
}

/**
 * The map of the answer (Eq. 6), of a token (Eq. 5), or of several tokens that form a word: their maps, each between 0
 * and 1 and weighted by delta, as in the answer's map; by 1 when no delta is above 0.
 */
export function comparedSide(run: ComparedRun, choice: TokenChoice): ComparedSide {
  const { info, attribution, settings } = run;
  const { layers, heads } = info.model;
  const counted = info.tokens.flatMap((token, index) => (token.stop && !settings.includeStop ? [] : [index]));
  const tokens = choice ?? counted;
  const deltas = tokens.map((token) => attribution.tokenWeight[token] ?? 0);
  const weights = deltas.some((delta) => delta > 0) || choice === null ? deltas : deltas.map(() => 1);
  const headWeight = weightedRows(
    attribution.headWeight,
    layers * heads,
    tokens,
    tokens.map(() => 1),
  );
  return {
    map: { values: mapOf(run, choice, weights), cells: info.cells, image: info.image },
    delta: deltas.length === 0 ? null : Math.max(...deltas),
    layerShare:
      attribution.layerShare === undefined
        ? null
        : weightedRows(attribution.layerShare, layers, tokens, weights),
    headShare: sharesOf(headWeight),
    headWeight,
  };
}

function mapOf(
  { info, attribution }: ComparedRun,
  choice: TokenChoice,
  weights: readonly number[],
): Float32Array {
  if (choice === null) return attribution.sequenceHeatmap;
  const size = info.cells.length;
  const [token] = choice;
  if (choice.length === 1 && token !== undefined) return rowOf(attribution.tokenHeatmap, token, size);
  const sum = new Float32Array(size);
  choice.forEach((each, at) => {
    for (const [cell, value] of minMax(rowOf(attribution.tokenHeatmap, each, size)).entries())
      sum[cell] = (sum[cell] ?? 0) + (weights[at] ?? 0) * value;
  });
  return sum;
}

/** The weighted mean of some tokens' rows of an array [T, size]; all 0 when no weight is above 0. */
function weightedRows(
  values: Float32Array,
  size: number,
  tokens: readonly number[],
  weights: readonly number[],
): Float32Array {
  const mean = new Float32Array(size);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return mean;
  tokens.forEach((token, at) => {
    const part = (weights[at] ?? 0) / total;
    for (const [index, value] of rowOf(values, token, size).entries())
      mean[index] = (mean[index] ?? 0) + part * value;
  });
  return mean;
}

function sharesOf(values: Float32Array): Float32Array {
  const sum = values.reduce((total, value) => total + value, 0);
  return sum > 0 ? values.map((value) => value / sum) : new Float32Array(values.length);
}
