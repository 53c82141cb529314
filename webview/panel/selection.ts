import type { FilterRow } from "../charts/filterTable.js";
import type { LayerPart } from "../charts/layerBars.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import { positionLabel, rowOf } from "../../src/core/run/textWinner.js";
import type { ShownAttribution } from "../../src/core/run/shownAttribution.js";

/** A head by its place. */
export interface HeadPlace {
  readonly layer: number;
  readonly head: number;
}

/** What the head matrix shows. */
export type HeadMeasure = "weight" | "image" | "text";

/** A run, what was worked out from it under the present settings, and what a person looks at. */
export interface Subject {
  readonly data: ReportData;
  readonly attribution: ShownAttribution;
  /** Layer range of the present settings. */
  readonly layers: readonly [from: number, to: number];
  /** null: the whole answer. */
  readonly token: number | null;
}

/** The tokens a subject stands for: itself, or every token that counts in the whole answer. */
function tokensOf({ data, token }: Subject): number[] {
  if (token !== null) return [token];
  return data.info.tokens.flatMap((each, index) =>
    each.stop && !data.info.settings.includeStop ? [] : [index],
  );
}

/** The map [N] of the subject, filtered or not. */
export function subjectMap({ data, attribution, token }: Subject, filtered: boolean): Float32Array {
  if (token === null) return filtered ? attribution.sequenceHeatmap : attribution.sequenceHeatmapUnfiltered;
  const maps = filtered ? attribution.tokenHeatmap : attribution.tokenHeatmapUnfiltered;
  return rowOf(maps, token, data.info.cells.length);
}

/** One head's positive gradient on the image tokens [N], averaged over the subject's tokens; null without gradient. */
export function headMap(subject: Subject, place: HeadPlace): Float32Array | null {
  const { info, arrays } = subject.data;
  const { gradient, imagePositions } = arrays;
  if (gradient === null) return null;
  const { layers, heads } = info.model;
  const positions = gradient.length / (info.tokens.length * layers * heads);
  const tokens = tokensOf(subject);
  const map = new Float32Array(imagePositions.length);
  for (const token of tokens) {
    const start = ((token * layers + place.layer) * heads + place.head) * positions;
    imagePositions.forEach((position, cell) => {
      map[cell] = (map[cell] ?? 0) + Math.max(0, gradient[start + position] ?? 0) / tokens.length;
    });
  }
  return map;
}

/** A [T, L, H] array for the subject [L, H]: the token's row, or the mean over the answer. */
export function headValues(subject: Subject, measure: HeadMeasure): Float32Array {
  const { attribution } = subject;
  const source = {
    weight: attribution.headWeight,
    image: attribution.scoreImage,
    text: attribution.scoreText,
  }[measure];
  return meanRow(source, tokensOf(subject), headCount(subject));
}

function headCount({ data }: Subject): number {
  return data.info.model.layers * data.info.model.heads;
}

function meanRow(source: Float32Array, tokens: readonly number[], size: number): Float32Array {
  const mean = new Float32Array(size);
  for (const token of tokens) {
    rowOf(source, token, size).forEach((value, index) => {
      mean[index] = (mean[index] ?? 0) + value / tokens.length;
    });
  }
  return mean;
}

/** In how many of the subject's tokens each head was kept [L * H]. */
export function keptCounts(subject: Subject): number[] {
  const size = headCount(subject);
  const tokens = tokensOf(subject);
  return Array.from(
    { length: size },
    (_, index) =>
      tokens.filter((token) => (subject.attribution.headWeight[token * size + index] ?? 0) > 0).length,
  );
}

/** Each layer's part in the subject's map. */
export function layerParts(subject: Subject): LayerPart[] {
  const { data, attribution, layers: range } = subject;
  const { layers, heads } = data.info.model;
  const shares = answerShares(subject);
  const tokens = tokensOf(subject);
  const counts = keptCounts(subject);
  const best = (source: Float32Array, layer: number): number =>
    Math.max(0, ...tokens.flatMap((token) => Array.from(rowOf(source, token * layers + layer, heads))));
  return Array.from({ length: layers }, (_, layer) => ({
    layer,
    share: shares[layer] ?? 0,
    image: best(attribution.scoreImage, layer),
    text: best(attribution.scoreText, layer),
    kept:
      counts.slice(layer * heads, (layer + 1) * heads).reduce((a, b) => a + b, 0) /
      Math.max(1, tokens.length),
    inRange: layer >= range[0] && layer < range[1],
  }));
}

/** Layer shares [L]: the token's, or those of the answer's tokens weighted by delta, as in the sequence map. */
function answerShares(subject: Subject): Float32Array {
  const { data, attribution, token } = subject;
  const { layers } = data.info.model;
  const shares = attribution.layerShare ?? new Float32Array(data.info.tokens.length * layers);
  if (token !== null) return rowOf(shares, token, layers);
  const sum = new Float32Array(layers);
  const total = tokensOf(subject).reduce((all, index) => all + (attribution.tokenWeight[index] ?? 0), 0);
  if (total === 0) return sum;
  for (const index of tokensOf(subject)) {
    const weight = (attribution.tokenWeight[index] ?? 0) / total;
    rowOf(shares, index, layers).forEach((share, layer) => (sum[layer] = (sum[layer] ?? 0) + weight * share));
  }
  return sum;
}

/** The filter's decisions, one row per head of the layer range. */
export function filterRows(subject: Subject): FilterRow[] {
  const { data, attribution, token, layers: range } = subject;
  const { heads } = data.info.model;
  const size = headCount(subject);
  const image = headValues(subject, "image");
  const text = headValues(subject, "text");
  const weight = headValues(subject, "weight");
  const counts = keptCounts(subject);
  const tokens = tokensOf(subject).length;
  const rows = Array.from({ length: size }, (_, index) => {
    const winner = token === null ? -1 : (attribution.textWinner?.[token * size + index] ?? -1);
    return {
      layer: Math.floor(index / heads),
      head: index % heads,
      image: image[index] ?? 0,
      text: text[index] ?? 0,
      winner: winner < 0 ? null : positionLabel(data.info, winner),
      weight: weight[index] ?? 0,
      kept: (counts[index] ?? 0) > 0,
      keptTokens: counts[index] ?? 0,
      tokens,
    };
  });
  return rows.filter((row) => row.layer >= range[0] && row.layer < range[1]);
}
