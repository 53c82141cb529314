import { finishMaps } from "./finishMaps.js";
import type { AttributionSettings } from "./settings.js";
import type { Attribution, TokenReason } from "./types.js";

/**
 * An explanation token by token, before the answer is summed up: no token's part depends on another, so batches can be
 * explained as they come and joined. T tokens, L layers, H heads, N image tokens.
 */
export interface TokenAttribution {
  /** [T, L, H] each, as in `Attribution`. */
  readonly scoreImage: Float32Array;
  readonly scoreText: Float32Array;
  readonly imageWinner: Int32Array;
  readonly textWinner: Int32Array;
  readonly headWeight: Float32Array;
  /** [T] */
  readonly tokenWeight: Float32Array;
  readonly reasons: readonly TokenReason[];
  /** [T, L] */
  readonly layerShare: Float32Array;
  /** Sums of the heads' maps under their weights, and with each weighing 1 [T, N]. */
  readonly maps: Float32Array;
  readonly mapsUnfiltered: Float32Array;
  /** 1 for tokens that are summed into the sequence map, 0 for stop tokens that are left out [T]. */
  readonly counted: readonly number[];
}

/** The tokens of several batches, in order. */
export function joinTokens(batches: readonly TokenAttribution[]): TokenAttribution {
  const floats = (of: (batch: TokenAttribution) => Float32Array) => Float32Array.from(joined(batches, of));
  const integers = (of: (batch: TokenAttribution) => Int32Array) => Int32Array.from(joined(batches, of));
  return {
    scoreImage: floats((batch) => batch.scoreImage),
    scoreText: floats((batch) => batch.scoreText),
    imageWinner: integers((batch) => batch.imageWinner),
    textWinner: integers((batch) => batch.textWinner),
    headWeight: floats((batch) => batch.headWeight),
    tokenWeight: floats((batch) => batch.tokenWeight),
    reasons: batches.flatMap((batch) => batch.reasons),
    layerShare: floats((batch) => batch.layerShare),
    maps: floats((batch) => batch.maps),
    mapsUnfiltered: floats((batch) => batch.mapsUnfiltered),
    counted: batches.flatMap((batch) => batch.counted),
  };
}

function* joined(
  batches: readonly TokenAttribution[],
  of: (batch: TokenAttribution) => Iterable<number>,
): Generator<number> {
  for (const batch of batches) yield* of(batch);
}

/**
 * Sums the tokens' maps up to those of the whole answer (Eq. 6).
 * @param size N
 */
export function finishAttribution(
  tokens: TokenAttribution,
  size: number,
  { preset }: Pick<AttributionSettings, "preset">,
): Attribution {
  const { maps, mapsUnfiltered, counted, ...kept } = tokens;
  const delta = counted.map((count, token) => count * (tokens.tokenWeight[token] ?? 0));
  const [tokenHeatmap, sequenceHeatmap] = finishMaps(maps, delta, size, preset);
  const [tokenHeatmapUnfiltered, sequenceHeatmapUnfiltered] = finishMaps(
    mapsUnfiltered,
    counted,
    size,
    preset,
  );
  return { ...kept, tokenHeatmap, tokenHeatmapUnfiltered, sequenceHeatmap, sequenceHeatmapUnfiltered };
}
