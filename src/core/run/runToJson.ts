import type { SourceHeads } from "../attribution/sources.js";
import { answerText } from "./answerText.js";
import { jsonSources, jsonTextPositions, type JsonSources, type JsonTextPosition } from "./jsonSources.js";
import { mapRegion } from "./mapRegion.js";
import { shownAttribution, type ShownAttribution } from "./shownAttribution.js";
import { keptHeads, rowOf, textWinReason } from "./textWinner.js";
import type { Alternative, Rectangle, Run, RunInfo } from "./types.js";

/** Where a map is strongest: in words, and as a box in shares of the picture (0 to 1: left, top, width, height). */
export interface JsonRegion {
  readonly word: string;
  readonly box: readonly [x: number, y: number, width: number, height: number];
  /** Which of several pictures it is in. */
  readonly picture?: string;
}

/** One token of `--json`. */
export interface JsonToken {
  readonly index: number;
  readonly id: number;
  readonly text: string;
  readonly kind: "generated" | "forced";
  readonly stop: boolean;
  /** 0 to 1. */
  readonly probability: number;
  readonly alternatives: readonly {
    readonly id: number;
    readonly text: string;
    readonly probability: number;
  }[];
  /** Token weight (Eq. 6). */
  readonly delta: number;
  /** Null for a flat map. */
  readonly region: JsonRegion | null;
  readonly keptHeads: number;
  readonly heads: number;
  /** Why delta is 0; null where it is not. */
  readonly reason: string | null;
  /** Share of each layer in the map [L]; null when the run has no gradient. */
  readonly layerShare: readonly number[] | null;
  /** What it rests on, picture and text, by heads (`all`; the others with the heatmaps); null without the gradient. */
  readonly sources: Partial<Record<SourceHeads, JsonSources>> | null;
  /** Raw values, one per image token; only when asked for. */
  readonly heatmap?: readonly number[];
}

/** What `--json` prints for one picture, on one line. */
export interface JsonRun {
  readonly format: "dexar-explanation";
  readonly version: 1;
  readonly tool: string;
  readonly model: {
    readonly name: string;
    readonly family: string;
    readonly dtype: string;
    readonly device: string;
    /** The model's own number of each layer, where only some are explained: those with attention. */
    readonly layerNumbers?: readonly number[];
  };
  readonly image: {
    readonly name: string;
    readonly width: number;
    readonly height: number;
    readonly seen: Rectangle;
  };
  /** The pictures of a prompt with several; `image` is then a sheet of all of them. */
  readonly images?: RunInfo["images"];
  readonly prompt: string;
  readonly answer: string;
  readonly finish: RunInfo["generation"]["finish"];
  readonly partial: boolean;
  readonly settings: RunInfo["settings"];
  readonly tokens: readonly JsonToken[];
  /** What is not picture, in the order of the lists in `sources`. */
  readonly textPositions: readonly JsonTextPosition[];
  readonly sequence: { readonly region: JsonRegion | null; readonly heatmap?: readonly number[] };
  /** Rectangles of the image tokens in pixels, in the order of the heatmaps; only with the heatmaps. */
  readonly cells?: readonly Rectangle[];
  readonly timings: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}

/** What else to put in. */
export interface JsonOptions {
  readonly heatmaps?: boolean;
}

/** The `--json` object of a run: plain data, every number finite. */
export function runToJson(run: Run, attribution: ShownAttribution, options: JsonOptions = {}): JsonRun {
  const { info } = run;
  const shown = shownAttribution(run, attribution);
  const heatmaps = options.heatmaps ?? false;
  return {
    format: "dexar-explanation",
    version: 1,
    tool: info.tool,
    model: {
      name: info.model.name,
      family: info.model.family,
      dtype: info.model.dtype,
      device: info.model.device,
      ...(info.model.layerNumbers && { layerNumbers: info.model.layerNumbers }),
    },
    image: {
      name: info.image.name,
      width: info.image.width,
      height: info.image.height,
      seen: info.image.seen,
    },
    ...(info.images && { images: info.images }),
    prompt: info.prompt.text,
    answer: answerText(info),
    finish: info.generation.finish,
    partial: info.partial,
    settings: info.settings,
    tokens: info.tokens.map((_, index) => jsonToken(run, shown, index, heatmaps)),
    textPositions: jsonTextPositions(info),
    sequence: {
      region: mapRegion(info, shown.sequenceHeatmap),
      ...(heatmaps ? { heatmap: Array.from(shown.sequenceHeatmap) } : {}),
    },
    ...(heatmaps ? { cells: info.cells } : {}),
    timings: info.timings,
    warnings: info.warnings,
  };
}

function jsonToken(run: Run, attribution: ShownAttribution, index: number, heatmaps: boolean): JsonToken {
  const { info } = run;
  const token = info.tokens[index];
  if (!token) throw new RangeError(`the run has no token ${index}`);
  const heatmap = rowOf(attribution.tokenHeatmap, index, info.cells.length);
  const { kept, total } = keptHeads(info, attribution, index);
  const { id, text, kind, stop } = token;
  return {
    index,
    id,
    text,
    kind,
    stop,
    probability: Math.exp(token.logprob),
    alternatives: token.alternatives.map(jsonAlternative),
    delta: attribution.tokenWeight[index] ?? 0,
    region: mapRegion(info, heatmap),
    keptHeads: kept,
    heads: total,
    reason: textWinReason(info, attribution, index),
    layerShare: attribution.layerShare
      ? Array.from(rowOf(attribution.layerShare, index, info.model.layers))
      : null,
    sources: jsonSources(run, attribution, index, heatmaps),
    ...(heatmaps ? { heatmap: Array.from(heatmap) } : {}),
  };
}

function jsonAlternative({ id, text, logprob }: Alternative) {
  return { id, text, probability: Math.exp(logprob) };
}
