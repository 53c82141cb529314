import { minMax } from "../../src/core/heatmap/minMax.js";
import type { ShownAttribution } from "../../src/core/run/shownAttribution.js";
import { rowOf } from "../../src/core/run/textWinner.js";
import type { Store } from "./store.js";

/** At most this many tokens are named, and none that looks less than a tenth as much as the first. */
const MOST_TOKENS = 3;
const LEAST_SHARE = 0.1;

/** The tokens that look most at a cell, the first most of all: by delta times the cell's value in their own map. */
export function lookingTokens({ data, state }: Store, cell: number): number[] {
  if (cell < 0) return [];
  const { attribution } = state;
  const maps = normalisedMaps(attribution, data.info.cells.length);
  const scores = data.info.tokens.map((token, index) =>
    token.stop ? 0 : (attribution.tokenWeight[index] ?? 0) * (maps[index]?.[cell] ?? 0),
  );
  const most = Math.max(0, ...scores);
  return scores
    .flatMap((score, index) => (score > LEAST_SHARE * most ? [{ score, index }] : []))
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_TOKENS)
    .map(({ index }) => index);
}

const NORMALISED = new WeakMap<ShownAttribution, readonly Float32Array[]>();

function normalisedMaps(attribution: ShownAttribution, size: number): readonly Float32Array[] {
  const known = NORMALISED.get(attribution);
  if (known) return known;
  const { tokenHeatmap, tokenWeight } = attribution;
  const maps = Array.from(tokenWeight, (_, token) => minMax(rowOf(tokenHeatmap, token, size)));
  NORMALISED.set(attribution, maps);
  return maps;
}
