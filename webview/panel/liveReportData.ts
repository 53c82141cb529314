import * as l10n from "@vscode/l10n";
import { minMaxRows, weightedSum } from "../../src/core/attribution/sequenceMap.js";
import type { TokenReason } from "../../src/core/attribution/types.js";
import { minMax } from "../../src/core/heatmap/minMax.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import type { RunInfo, RunToken } from "../../src/core/run/types.js";
import type { ExplainedEvent } from "../../src/protocol/modelProcess.js";
import type { LiveRun } from "../../src/protocol/panel.js";

type PerToken = Omit<ExplainedEvent, "kind" | "first" | "count" | "reasons">;

/**
 * A run that is being made, as the page shows any run: all tokens so far; those that are not explained yet have
 * empty maps and come after the first `explained` ones. Filters wait for the complete run, which has the gradient.
 * @param picture address of the picture
 */
export function liveReportData(live: LiveRun, picture: string): ReportData {
  const tokens = live.tokens.map((token): RunToken => ({
    id: token.id,
    text: token.text,
    kind: live.info.generation.mode,
    logprob: token.logprob,
    alternatives: token.alternatives,
    stop: token.stop ?? false,
  }));
  const info = { ...live.info, tokens };
  const maps = gather(live, tokens.length);
  const counted = tokens.map((token) => (token.stop && !info.settings.includeStop ? 0 : 1));
  return {
    info,
    picture,
    arrays: { imagePositions: live.imagePositions, gradient: null, gradientReferenceLast: null },
    attribution: {
      ...maps,
      reasons: reasonsOf(live.explained, tokens.length),
      sequenceHeatmap: sequenceMap(info, maps.tokenHeatmap, maps.tokenWeight, counted),
      sequenceHeatmapUnfiltered: sequenceMap(info, maps.tokenHeatmapUnfiltered, null, counted),
    },
    gradientNote: l10n.t("Filters can be changed when the answer is complete."),
    explained: Math.min(
      tokens.length,
      Math.max(0, ...live.explained.map(({ first, count }) => first + count)),
    ),
  };
}

/** The batches one behind the other, zeros for tokens without one. */
function gather({ info, explained }: LiveRun, tokens: number): PerToken {
  const { layers, heads } = info.model;
  const floats = (name: FloatName, size: number): Float32Array => {
    const all = new Float32Array(tokens * size);
    for (const batch of explained) place(all, batch[name], batch.first * size);
    return all;
  };
  const winners = (name: "imageWinner" | "textWinner"): Int32Array => {
    const all = new Int32Array(tokens * layers * heads).fill(-1);
    for (const batch of explained) place(all, batch[name], batch.first * layers * heads);
    return all;
  };
  return {
    tokenHeatmap: floats("tokenHeatmap", info.cells.length),
    tokenHeatmapUnfiltered: floats("tokenHeatmapUnfiltered", info.cells.length),
    tokenWeight: floats("tokenWeight", 1),
    scoreImage: floats("scoreImage", layers * heads),
    scoreText: floats("scoreText", layers * heads),
    headWeight: floats("headWeight", layers * heads),
    layerShare: floats("layerShare", layers),
    imageWinner: winners("imageWinner"),
    textWinner: winners("textWinner"),
  };
}

type FloatName = { [K in keyof PerToken]: PerToken[K] extends Float32Array ? K : never }[keyof PerToken];

/** Copies what fits: a batch may speak of a token whose own event is still on its way. */
function place<T extends Float32Array | Int32Array>(all: T, part: T, start: number): void {
  if (start < all.length) all.set(part.subarray(0, all.length - start), start);
}

function reasonsOf(explained: readonly ExplainedEvent[], tokens: number): TokenReason[] {
  const reasons = Array.from({ length: tokens }, (): TokenReason => ({ image: null, text: null }));
  for (const { first, reasons: batch } of explained)
    batch.forEach((reason, index) => {
      if (first + index < tokens) reasons[first + index] = reason;
    });
  return reasons;
}

/**
 * Eq. 6 over the tokens so far. The `reference` preset sums maps before their min-max, which events do not carry:
 * its sum here is of normalised maps until the run is complete.
 */
function sequenceMap(
  { settings, cells }: RunInfo,
  maps: Float32Array,
  tokenWeight: Float32Array | null,
  counted: readonly number[],
): Float32Array {
  const weights = counted.map(
    (count, token) => count * (tokenWeight === null ? 1 : (tokenWeight[token] ?? 0)),
  );
  const sum = weightedSum(minMaxRows(maps, counted.length), weights, cells.length);
  return settings.preset === "reference" ? minMax(sum) : sum;
}
