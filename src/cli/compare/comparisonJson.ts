import type { Change } from "../../core/compare/change.js";
import { isIdentical } from "../../core/compare/compareRuns.js";
import { mostChanged, type SideComparison } from "../../core/compare/compareSides.js";
import type { ComparedSide } from "../../core/compare/side.js";
import { regionWord } from "../../core/heatmap/regionWord.js";
import { answerText } from "../../core/run/answerText.js";
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
    whole: sidesJson(comparison.whole),
    tokens: comparison.tokens.map(({ pair, compared }) => ({
      kind: pair.kind,
      a: tokensJson(infos[0], pair.a),
      b: tokensJson(infos[1], pair.b),
      ...sidesJson(compared),
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

function sidesJson({ a, b, map, layers, heads }: SideComparison) {
  return {
    deltaA: a.delta,
    deltaB: b.delta,
    regionA: regionJson(a),
    regionB: regionJson(b),
    /** Null when one of the maps is empty. */
    similarity: map.similarity,
    /** Largest difference of one cell's share. */
    largestDifference: map.most,
    grid: map.grid === "cells" ? null : map.grid,
    layers: typeof layers === "string" ? { notComparable: layers } : layers,
    heads: typeof heads === "string" ? { notComparable: heads } : mostChanged(heads, MOST_HEADS),
  };
}

function regionJson({ map }: ComparedSide) {
  return regionWord(map.values, map.cells, [0, 0, map.image.width, map.image.height]);
}
