import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import type { TokenGradient } from "../../src/core/attribution/types.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import type { ShownAttribution } from "../../src/core/run/shownAttribution.js";
import { rowOf } from "../../src/core/run/textWinner.js";

/** A head by its place. */
export interface HeadPlace {
  readonly layer: number;
  readonly head: number;
}

/** What the head matrix shows: w, S_img, S_text, or the sum of G over the image tokens. */
export type HeadMeasure = "weight" | "image" | "text" | "mass";

/** A run, what was worked out from it under the present settings, and what a person looks at. */
export interface Subject {
  readonly data: ReportData;
  readonly attribution: ShownAttribution;
  readonly settings: AttributionSettings;
  /** The gradient that stands in for one token's own. */
  readonly whatIf: { readonly token: number; readonly row: TokenGradient } | null;
  /** null: the whole answer. */
  readonly token: number | null;
}

/** The tokens a subject stands for: itself, or every token that counts in the whole answer. */
export function tokensOf({ data, settings, token }: Subject): number[] {
  if (token !== null) return [token];
  return data.info.tokens.flatMap((each, index) => (each.stop && !settings.includeStop ? [] : [index]));
}

/** L * H */
export function headCount({ data }: Subject): number {
  return data.info.model.layers * data.info.model.heads;
}

/** The map [N] of the subject, filtered or not. */
export function subjectMap({ data, attribution, token }: Subject, filtered: boolean): Float32Array {
  if (token === null) return filtered ? attribution.sequenceHeatmap : attribution.sequenceHeatmapUnfiltered;
  const maps = filtered ? attribution.tokenHeatmap : attribution.tokenHeatmapUnfiltered;
  return rowOf(maps, token, data.info.cells.length);
}

/** One head's signed gradient [P] for one token, as the preset sees it; null when the page does not have it. */
export function gradientRow(
  subject: Subject,
  token: number,
  { layer, head }: HeadPlace,
): Float32Array | null {
  const { info, arrays } = subject.data;
  const { layers, heads } = info.model;
  const other = subject.whatIf?.token === token ? subject.whatIf.row : null;
  const isLast = subject.settings.preset === "reference" && layer === layers - 1;
  const { gradient, gradientReferenceLast } = other ?? arrays;
  const source = isLast ? gradientReferenceLast : gradient;
  if (source === null) return null;
  const positions = info.prompt.tokens.length + info.tokens.length - 1;
  const before = other ? 0 : token * (isLast ? heads : layers * heads);
  return rowOf(source, before + (isLast ? head : layer * heads + head), positions);
}

/**
 * One head's own map [N]: its gradient on the image tokens, averaged over the subject's tokens; null without gradient.
 * @param signed with its negative part (else G, the positive part)
 */
export function headMap(subject: Subject, place: HeadPlace, signed = false): Float32Array | null {
  const { imagePositions } = subject.data.arrays;
  const tokens = tokensOf(subject);
  const map = new Float32Array(imagePositions.length);
  for (const token of tokens) {
    const row = gradientRow(subject, token, place);
    if (row === null) return null;
    for (let cell = 0; cell < map.length; cell++) {
      const value = row[imagePositions[cell] ?? -1] ?? 0;
      map[cell] = (map[cell] ?? 0) + (signed ? value : Math.max(0, value)) / tokens.length;
    }
  }
  return map;
}

/** A value per head for the subject [L * H]: the token's row, or the mean over the answer; null: needs the gradient. */
export function headValues(subject: Subject, measure: HeadMeasure): Float32Array | null {
  const size = headCount(subject);
  const tokens = tokensOf(subject);
  const mean = new Float32Array(size);
  for (const token of tokens) {
    const row = measuredRow(subject, measure, token, size);
    if (row === null) return null;
    for (let index = 0; index < size; index++)
      mean[index] = (mean[index] ?? 0) + (row[index] ?? 0) / tokens.length;
  }
  return mean;
}

function measuredRow(
  subject: Subject,
  measure: HeadMeasure,
  token: number,
  size: number,
): Float32Array | null {
  switch (measure) {
    case "weight":
      return rowOf(subject.attribution.headWeight, token, size);
    case "image":
      return rowOf(subject.attribution.scoreImage, token, size);
    case "text":
      return rowOf(subject.attribution.scoreText, token, size);
    case "mass":
      return massRow(subject, token);
  }
}

/** Sums over the image are the dear part of the matrix: kept per gradient, preset and token. */
const knownMasses = new WeakMap<Float32Array, Map<string, Float32Array>>();

/** The sum of G over the image tokens for each head [L * H]; null without gradient. */
function massRow(subject: Subject, token: number): Float32Array | null {
  const { info, arrays } = subject.data;
  const gradient = subject.whatIf?.token === token ? subject.whatIf.row.gradient : arrays.gradient;
  if (gradient === null) return null;
  const known = knownMasses.get(gradient) ?? new Map<string, Float32Array>();
  knownMasses.set(gradient, known);
  const key = `${subject.settings.preset} ${token}`;
  const masses = known.get(key) ?? sumOverImage(subject, token, info.model.heads);
  known.set(key, masses);
  return masses;
}

function sumOverImage(subject: Subject, token: number, heads: number): Float32Array {
  const { imagePositions } = subject.data.arrays;
  return new Float32Array(headCount(subject)).map((_, index) => {
    const row = gradientRow(subject, token, { layer: Math.floor(index / heads), head: index % heads });
    let sum = 0;
    for (const position of imagePositions) sum += Math.max(0, row?.[position] ?? 0);
    return sum;
  });
}

/** In how many of the subject's tokens each head was kept [L * H]. */
export function keptCounts(subject: Subject): Int32Array {
  const size = headCount(subject);
  const counts = new Int32Array(size);
  for (const token of tokensOf(subject)) {
    const weights = rowOf(subject.attribution.headWeight, token, size);
    for (let index = 0; index < size; index++)
      if ((weights[index] ?? 0) > 0) counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

/** What a person decided about each head [L * H]; null where the filter decides. */
export function forcedHeads({ data, settings }: Subject): ("keep" | "drop" | null)[] {
  const { layers, heads } = data.info.model;
  const forced = new Array<"keep" | "drop" | null>(layers * heads).fill(null);
  for (const { layer, head, decision } of settings.overrides) forced[layer * heads + head] = decision;
  return forced;
}
