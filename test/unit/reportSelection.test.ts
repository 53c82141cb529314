import { beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import type { Attribution } from "../../src/core/attribution/types.js";
import type { Run } from "../../src/core/run/types.js";
import {
  filterRows,
  headMap,
  headValues,
  layerParts,
  subjectMap,
  type Subject,
} from "../../webview/panel/selection.js";
import { sampleRun } from "../helpers/sampleRun.js";

describe("selection", () => {
  let run: Run;
  let attribution: Attribution;
  const subject = (token: number | null): Subject => ({
    data: { info: run.info, picture: "", arrays: run.arrays, attribution, gradientNote: null },
    attribution,
    layers: run.info.settings.layers,
    token,
  });

  beforeAll(async () => {
    run = await sampleRun({ columns: 7, rows: 5 });
    attribution = attribute(attributionInput(run), run.info.settings);
  });

  it("takes the token's map, or the sequence map", () => {
    expect(subjectMap(subject(null), true)).toBe(attribution.sequenceHeatmap);
    expect(subjectMap(subject(1), true)).toEqual(attribution.tokenHeatmap.slice(35, 70));
    expect(subjectMap(subject(1), false)).toEqual(attribution.tokenHeatmapUnfiltered.slice(35, 70));
  });

  it("sums the heads' own maps, weighted by w, to the token's map (Eq. 5)", () => {
    const weights = headValues(subject(1), "weight");
    const sum = new Float64Array(35);
    weights.forEach((weight, index) => {
      const own = headMap(subject(1), { layer: Math.floor(index / 6), head: index % 6 });
      own?.forEach((value, cell) => (sum[cell] = (sum[cell] ?? 0) + weight * value));
    });
    const map = subjectMap(subject(1), true);
    sum.forEach((value, cell) => expect(value).toBeCloseTo(map[cell] ?? 0, 6));
  });

  it("gives layer shares that sum to one, for a token and for the answer", () => {
    for (const token of [1, null]) {
      const parts = layerParts(subject(token));
      expect(parts.reduce((sum, part) => sum + part.share, 0)).toBeCloseTo(1, 5);
      expect(parts.every((part) => part.inRange && part.image > 0)).toBe(true);
    }
  });

  it("lists every head with its scores, winner and decision", () => {
    const rows = filterRows(subject(1));
    expect(rows).toHaveLength(24);
    for (const row of rows) {
      expect(row.weight).toBeCloseTo(Math.max(0, row.image - row.text), 6);
      expect(row.kept).toBe(row.weight > 0);
      expect(row.winner).not.toBeNull();
    }
    expect(filterRows(subject(null)).every((row) => row.winner === null && row.tokens === 11)).toBe(true);
    expect(filterRows({ ...subject(1), layers: [2, 3] })).toHaveLength(6);
  });
});
