import type { Change } from "../../core/compare/change.js";
import { isIdentical } from "../../core/compare/compareRuns.js";
import { mostChanged, type SideComparison } from "../../core/compare/compareSides.js";
import { answerText } from "../../core/run/answerText.js";
import { mapRegion } from "../../core/run/mapRegion.js";
import type { RunInfo } from "../../core/run/types.js";
import type { ShownComparison } from "./formatComparison.js";

const MOST_HEADS = 20;

/** The `--json` object of `dexar compare`: plain data, every number finite. */
export function comparisonJson(shown: ShownComparison) {
  const { files, infos, comparison } = shown;
  return {
    format: "dexar-comparison",
    version: 1,
    a: runJson(files[0], infos[0]),
    b: runJson(files[1], infos[1]),
    identical: isIdentical(comparison),
    changes: comparison.changes satisfies readonly Change[],
    whole: sidesJson(infos, comparison.whole),
    tokens: comparison.tokens.map(({ pair, compared }) => ({
      kind: pair.kind,
      a: tokensJson(infos[0], pair.a),
      b: tokensJson(infos[1], pair.b),
      ...sidesJson(infos, compared),
    })),
  };
}

function runJson(source: string, info: RunInfo) {
  const { model, prompt } = info;
  return {
    source,
    id: info.id,
    model: { name: model.name, dtype: model.dtype, device: model.device },
    image: info.image.name,
    prompt: prompt.text,
    answer: answerText(info),
  };
}

function tokensJson({ tokens }: RunInfo, indices: readonly number[]) {
  return indices.map((index) => ({ index, text: tokens[index]?.text ?? "" }));
}

function sidesJson([infoA, infoB]: ShownComparison["infos"], { a, b, map, layers, heads }: SideComparison) {
  return {
    deltaA: a.delta,
    deltaB: b.delta,
    regionA: mapRegion(infoA, a.map.values),
    regionB: mapRegion(infoB, b.map.values),
    /** Null when one of the maps is empty. */
    similarity: map.similarity,
    /** Largest difference of one cell's share. */
    largestDifference: map.most,
    grid: map.grid === "cells" ? null : map.grid,
    layers: typeof layers === "string" ? { notComparable: layers } : layers,
    heads: typeof heads === "string" ? { notComparable: heads } : mostChanged(heads, MOST_HEADS),
  };
}
