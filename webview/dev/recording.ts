import { readRun } from "../../src/core/run/readRun.js";
import { shownAttribution } from "../../src/core/run/shownAttribution.js";
import type { ExplainedEvent, TokenEvent } from "../../src/protocol/modelProcess.js";
import type { FinishedRun, LiveRun } from "../../src/protocol/panel.js";

/** A run file taken apart into what the extension would have sent while it was made. */
export interface Recording {
  readonly finished: FinishedRun;
  /** As at the start: no tokens yet. */
  readonly live: LiveRun;
  readonly tokens: readonly TokenEvent[];
  /** The event that explains `count` tokens from `first` on. */
  readonly explained: (first: number, count: number) => ExplainedEvent;
}

/** Reads a recording; the run must have its gradient, and a picture that a browser shows. */
export async function readRecording(file: Uint8Array): Promise<Recording> {
  const { run, attribution } = await readRun(file);
  const full = shownAttribution(run, attribution);
  const { reasons, layerShare, imageWinner, textWinner } = full;
  if (!reasons || !layerShare || !imageWinner || !textWinner)
    throw new Error("a recording needs the run's gradient");
  const { info } = run;
  const { layers, heads } = info.model;
  const picture = {
    type: info.image.entry.endsWith(".png") ? ("image/png" as const) : ("image/jpeg" as const),
    bytes: run.image,
  };
  return {
    finished: { runId: info.id, file, picture, name: null },
    live: {
      info: { ...info, tokens: [], partial: true },
      imagePositions: run.arrays.imagePositions,
      picture,
      tokens: [],
      explained: [],
    },
    tokens: info.tokens.map(({ id, text, logprob, alternatives, stop }, index) => ({
      kind: "token",
      index,
      id,
      text,
      logprob,
      alternatives,
      stop,
    })),
    explained(first, count) {
      const rows = <T extends Float32Array | Int32Array>(all: T, size: number): T =>
        all.slice(first * size, (first + count) * size) as T;
      return {
        kind: "explained",
        first,
        count,
        tokenHeatmap: rows(full.tokenHeatmap, info.cells.length),
        tokenHeatmapUnfiltered: rows(full.tokenHeatmapUnfiltered, info.cells.length),
        tokenWeight: rows(full.tokenWeight, 1),
        scoreImage: rows(full.scoreImage, layers * heads),
        scoreText: rows(full.scoreText, layers * heads),
        headWeight: rows(full.headWeight, layers * heads),
        imageWinner: rows(imageWinner, layers * heads),
        textWinner: rows(textWinner, layers * heads),
        layerShare: rows(layerShare, layers),
        reasons: reasons.slice(first, first + count),
      };
    },
  };
}
