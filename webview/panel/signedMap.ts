import { signedTokenMap } from "../../src/core/attribution/signedMaps.js";
import type { TokenGradient } from "../../src/core/attribution/types.js";
import { rowOf } from "../../src/core/run/textWinner.js";
import { headCount, type Subject } from "./selection.js";
import type { ShownHeads } from "./store.js";

/**
 * The map [N] of a token whose gradients are `row`, with its negative part, made of the heads that are shown. For a
 * contrast, what lies below 0 speaks for the other token.
 */
export function signedMap(
  subject: Subject,
  token: number,
  row: TokenGradient,
  shown: ShownHeads,
): Float32Array {
  const { data, attribution, settings } = subject;
  const { heads } = data.info.model;
  const { imagePositions } = data.arrays;
  const [from, to] = settings.layers;
  const filtered = rowOf(attribution.headWeight, token, headCount(subject));
  const weights = filtered.map((weight, index) => {
    const layer = Math.floor(index / heads);
    return layer >= from && layer < to ? shownWeight(weight, shown) : 0;
  });
  return signedTokenMap(row, weights, { heads, imagePositions, preset: settings.preset });
}

function shownWeight(filtered: number, shown: ShownHeads): number {
  switch (shown) {
    case "kept":
      return filtered;
    case "dropped":
      return filtered > 0 ? 0 : 1;
    case "all":
      return 1;
  }
}
