import { beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import { compareSides, mostChanged } from "../../src/core/compare/compareSides.js";
import { comparedSide, type ComparedRun } from "../../src/core/compare/side.js";
import type { StoredAttribution } from "../../src/core/attribution/types.js";
import type { ShownAttribution } from "../../src/core/run/shownAttribution.js";
import { minMax } from "../../src/core/heatmap/minMax.js";
import { rowOf } from "../../src/core/run/textWinner.js";
import type { Run } from "../../src/core/run/types.js";
import { sampleRun } from "../helpers/sampleRun.js";

let run: Run;

const shown = (of: Run, change: Partial<AttributionSettings> = {}): ComparedRun => {
  const settings = { ...of.info.settings, ...change };
  return { info: of.info, settings, attribution: attribute(attributionInput(of), settings) };
};

/** What a run file keeps of an explanation. */
function storedOnly(whole: ShownAttribution): StoredAttribution {
  const { scoreImage, scoreText, headWeight, tokenHeatmap, tokenHeatmapUnfiltered, tokenWeight } = whole;
  const { sequenceHeatmap, sequenceHeatmapUnfiltered } = whole;
  const tokens = { tokenHeatmap, tokenHeatmapUnfiltered, tokenWeight };
  return { scoreImage, scoreText, headWeight, ...tokens, sequenceHeatmap, sequenceHeatmapUnfiltered };
}

beforeAll(async () => {
  run = await sampleRun({ columns: 6, rows: 6 });
});

describe("comparedSide", () => {
  it("takes the answer's and a token's own map", () => {
    const whole = shown(run);
    expect(comparedSide(whole, null).map.values).toEqual(whole.attribution.sequenceHeatmap);
    expect(comparedSide(whole, [1]).map.values).toEqual(rowOf(whole.attribution.tokenHeatmap, 1, 36));
    expect(comparedSide(whole, [1]).delta).toBe(whole.attribution.tokenWeight[1]);
  });

  it("joins the tokens of a word as the whole answer joins its tokens", () => {
    const whole = shown(run);
    const { attribution } = whole;
    const joined = comparedSide(whole, [1, 6]);
    const [one, six] = [1, 6].map((token) => minMax(rowOf(attribution.tokenHeatmap, token, 36)));
    const [deltaOne = 0, deltaSix = 0] = [attribution.tokenWeight[1], attribution.tokenWeight[6]];
    for (const cell of [0, 14, 35])
      expect(joined.map.values[cell]).toBeCloseTo(
        deltaOne * (one?.[cell] ?? 0) + deltaSix * (six?.[cell] ?? 0),
        5,
      );
    expect(joined.delta).toBe(Math.max(deltaOne, deltaSix));
    const all = run.info.tokens.flatMap((token, index) => (token.stop ? [] : [index]));
    comparedSide(whole, all).map.values.forEach((value, cell) =>
      expect(value).toBeCloseTo(attribution.sequenceHeatmap[cell] ?? -1, 4),
    );
  });

  it("is empty where the answer has no such word", () => {
    const none = comparedSide(shown(run), []);
    expect(none.delta).toBeNull();
    expect(none.map.values.every((value) => value === 0)).toBe(true);
  });

  it("gives shares of layers and heads that sum to 1", () => {
    const side = comparedSide(shown(run), null);
    for (const shares of [side.layerShare, side.headShare])
      expect(shares?.reduce((total, share) => total + share, 0)).toBeCloseTo(1, 4);
  });
});

describe("compareSides", () => {
  it("finds nothing between a run and itself", () => {
    const made = compareSides(shown(run), shown(run), [[1], [1]]);
    expect(made.map.most).toBe(0);
    expect(made.layers).toHaveLength(4);
    expect(mostChanged(made.heads as [], 5)).toEqual([]);
  });

  it("finds the layers that a range leaves out", () => {
    const { layers } = compareSides(shown(run), shown(run, { layers: [0, 2] }), [[1], [1]]);
    if (typeof layers === "string") throw new Error(layers);
    expect(layers.map(({ b }) => b > 0)).toEqual([true, true, false, false]);
    expect(mostChanged(layers, 2)).toHaveLength(2);
    const [first, second] = mostChanged(layers, 2).map(({ a, b }) => Math.abs(b - a));
    expect(first).toBeGreaterThanOrEqual(second ?? 1);
  });

  it("says why layers and heads cannot be compared", async () => {
    const other = await sampleRun({ columns: 6, rows: 6, layers: 3, heads: 6 });
    const made = compareSides(shown(run), shown(other), [null, null]);
    expect([made.layers, made.heads]).toEqual(["other-count", "other-count"]);
    const whole = shown(run);
    const bare: ComparedRun = { ...whole, attribution: storedOnly(whole.attribution) };
    expect(compareSides(shown(run), bare, [null, null]).layers).toBe("no-gradient");
  });

  it("compares a coarse and a fine model in one grid", async () => {
    const fine = await sampleRun({ columns: 12, rows: 12 });
    const { map } = compareSides(shown(run), shown(fine), [[1], [1]]);
    expect(map.grid).toEqual({ columns: 12, rows: 12 });
    expect(map.similarity?.overlap).toBeGreaterThan(0.7);
  });
});
