import { beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import type { Attribution, StoredAttribution } from "../../src/core/attribution/types.js";
import type { Run } from "../../src/core/run/types.js";
import { filterRow, filterRows, headsWonBy } from "../../webview/panel/filterRows.js";
import { layerParts } from "../../webview/panel/layerParts.js";
import { headMap, headValues, keptCounts, subjectMap, type Subject } from "../../webview/panel/selection.js";
import { wordSources } from "../../webview/panel/wordSources.js";
import { headsOfWord, wordWins } from "../../webview/panel/wordWins.js";
import { sampleRun } from "../helpers/sampleRun.js";

/** What a run file keeps: no winners, no layer shares. */
function storedPart(attribution: Attribution): StoredAttribution {
  const { scoreImage, scoreText, headWeight, tokenWeight, tokenHeatmap, sequenceHeatmap } = attribution;
  const { tokenHeatmapUnfiltered, sequenceHeatmapUnfiltered } = attribution;
  const scores = { scoreImage, scoreText, headWeight, tokenWeight };
  return { ...scores, tokenHeatmap, sequenceHeatmap, tokenHeatmapUnfiltered, sequenceHeatmapUnfiltered };
}

describe("what the inspector shows", () => {
  let run: Run;
  let attribution: Attribution;
  const subject = (token: number | null, change: Partial<AttributionSettings> = {}): Subject => {
    const settings = { ...run.info.settings, ...change };
    const shown = attribute(attributionInput(run), settings);
    return {
      data: { info: run.info, picture: "", arrays: run.arrays, attribution: shown, gradientNote: null },
      ...{ attribution: shown, settings, whatIf: null, token },
    };
  };

  beforeAll(async () => {
    run = await sampleRun({ columns: 7, rows: 5 });
    const other = (run.arrays.gradient ?? new Float32Array()).map((value) => 2 * value);
    const size = other.length / (run.info.tokens.length * run.info.model.layers);
    const last = new Float32Array(run.info.tokens.length * size);
    for (let token = 0; token < run.info.tokens.length; token++)
      last.set(other.subarray((4 * token + 3) * size, (4 * token + 4) * size), token * size);
    run = { ...run, arrays: { ...run.arrays, gradientReferenceLast: last } };
    attribution = attribute(attributionInput(run), run.info.settings);
  });

  it("takes the token's map, or the sequence map", () => {
    expect(subjectMap(subject(null), true)).toEqual(attribution.sequenceHeatmap);
    expect(subjectMap(subject(1), true)).toEqual(attribution.tokenHeatmap.slice(35, 70));
    expect(subjectMap(subject(1), false)).toEqual(attribution.tokenHeatmapUnfiltered.slice(35, 70));
  });

  it("sums the heads' own maps, weighted by w, to the token's map (Eq. 5)", () => {
    const weights = headValues(subject(1), "weight");
    const sum = new Float64Array(35);
    weights?.forEach((weight, index) => {
      const own = headMap(subject(1), { layer: Math.floor(index / 6), head: index % 6 });
      own?.forEach((value, cell) => (sum[cell] = (sum[cell] ?? 0) + weight * value));
    });
    const map = subjectMap(subject(1), true);
    sum.forEach((value, cell) => expect(value).toBeCloseTo(map[cell] ?? 0, 6));
  });

  it("measures the mass as the sum of the head's own map, for a token and over the answer", () => {
    for (const token of [1, null]) {
      const masses = headValues(subject(token), "mass");
      expect(masses).toHaveLength(24);
      masses?.forEach((mass, index) => {
        const own = headMap(subject(token), { layer: Math.floor(index / 6), head: index % 6 });
        expect(mass).toBeCloseTo(own?.reduce((a, b) => a + b, 0) ?? NaN, 5);
      });
    }
  });

  it("follows the preset, a replaced token and the sign in a head's own map", () => {
    const place = { layer: 3, head: 2 };
    const paper = headMap(subject(1), place) ?? new Float32Array();
    const reference = headMap(subject(1, { preset: "reference" }), place);
    reference?.forEach((value, cell) => expect(value).toBeCloseTo(2 * (paper[cell] ?? 0), 6));
    const size = (run.arrays.gradient?.length ?? 0) / run.info.tokens.length;
    const row = { gradient: new Float32Array(size).fill(-0.5), gradientReferenceLast: null };
    const replaced = { ...subject(1), whatIf: { token: 1, row } };
    expect(headMap(replaced, place)?.every((value) => value === 0)).toBe(true);
    expect(headMap(replaced, place, true)?.every((value) => value === -0.5)).toBe(true);
    expect(headMap({ ...replaced, token: 2 }, place)).toEqual(headMap(subject(2), place));
  });

  it("has no head maps and no masses without a gradient", () => {
    const bare = subject(1);
    const without = { ...bare, data: { ...bare.data, arrays: { ...bare.data.arrays, gradient: null } } };
    expect(headMap(without, { layer: 0, head: 0 })).toBeNull();
    expect(headValues(without, "mass")).toBeNull();
    expect(headValues(without, "image")).toHaveLength(24);
  });

  it("gives layer shares that sum to one, for a token and for the answer", () => {
    for (const token of [1, null]) {
      const parts = layerParts(subject(token));
      expect(parts.reduce((sum, part) => sum + (part.share ?? NaN), 0)).toBeCloseTo(1, 5);
      expect(parts.every((part) => part.inRange && part.image > 0)).toBe(true);
    }
    expect(
      layerParts({ ...subject(1), attribution: storedPart(attribution) }).every(
        (part) => part.share === null,
      ),
    ).toBe(true);
  });

  it("counts the end token in only when the settings do", () => {
    expect(filterRows(subject(null)).every((row) => row.tokens === 11)).toBe(true);
    expect(filterRows(subject(null, { includeStop: true })).every((row) => row.tokens === 12)).toBe(true);
  });

  it("lists every head of the range with its scores, winner and decision", () => {
    const rows = filterRows(subject(1));
    expect(rows).toHaveLength(24);
    for (const row of rows) {
      expect(row.weight).toBeCloseTo(Math.max(0, row.image - row.text), 6);
      expect(row.keptTokens).toBe(row.weight > 0 ? 1 : 0);
      expect(row.winner).not.toBeNull();
      expect(filterRow(subject(1), row)).toEqual(row);
    }
    const limited = filterRows(subject(1, { layers: [2, 3] }));
    expect(limited.map(({ layer, head }) => 6 * layer + head)).toEqual([12, 13, 14, 15, 16, 17]);
    expect(filterRow(subject(1, { layers: [2, 3] }), { layer: 0, head: 0 }).inRange).toBe(false);
    expect(filterRows(subject(null)).every((row) => row.winner === null && row.whole)).toBe(true);
  });

  it("shows heads forced by hand", () => {
    const forced = subject(3, {
      overrides: [
        { layer: 0, head: 1, decision: "keep" },
        { layer: 1, head: 2, decision: "drop" },
      ],
    });
    expect(filterRow(forced, { layer: 0, head: 1 })).toMatchObject({ forced: "keep", keptTokens: 1 });
    expect(filterRow(forced, { layer: 1, head: 2 })).toMatchObject({ forced: "drop", keptTokens: 0 });
    expect(keptCounts(forced)[1]).toBe(1);
  });

  it("counts who won the text score, and where most strongly", () => {
    for (const token of [4, null]) {
      const wins = wordWins(subject(token, { layers: [1, 4] }));
      const tokens = token === null ? Array.from({ length: 11 }, (_, index) => index) : [token];
      expect(wins?.total).toBe(18 * tokens.length);
      for (const [position, { heads, strongest }] of wins?.byPosition ?? []) {
        const cells = tokens
          .flatMap((each) => Array.from({ length: 18 }, (_, index) => each * 24 + 6 + index))
          .filter((cell) => attribution.textWinner[cell] === position);
        expect(heads).toBe(cells.length);
        const scores = cells.map((cell) => attribution.scoreText[cell] ?? 0);
        expect(strongest.score).toBe(Math.max(...scores));
        const place = (strongest.token * 4 + strongest.layer) * 6 + strongest.head;
        expect(attribution.scoreText[place]).toBe(strongest.score);
        const named = headsOfWord(subject(token, { layers: [1, 4] }), position);
        expect(named[0]).toEqual({ layer: strongest.layer, head: strongest.head });
        const won = headsWonBy(subject(token), position);
        expect(named.every(({ layer, head }) => won[layer * 6 + head])).toBe(true);
      }
      const counted = [...(wins?.byPosition.values() ?? [])].reduce((sum, { heads }) => sum + heads, 0);
      expect(counted).toBe(18 * tokens.length);
    }
    expect(wordWins({ ...subject(1), attribution: storedPart(attribution) })).toBeNull();
  });

  it("divides what a token rests on between picture, words, template and answer so far", () => {
    for (const token of [null, 0, 3]) {
      const sources = wordSources(subject(token), "all");
      const { image = 0, prompt = 0, template = 0, answer = 0 } = sources?.sides ?? {};
      expect(image + prompt + template + answer).toBeCloseTo(1, 5);
      expect(answer > 0).toBe(token !== 0);
    }
    const pinned = subject(3);
    expect(wordSources(pinned, "all")).toBe(wordSources(pinned, "all"));
    const image = wordSources(subject(1), "image")?.sides.image ?? 0;
    expect(image).toBeGreaterThan(wordSources(subject(1), "text")?.sides.image ?? 1);
  });

  it("asks the gradient that stands in for a token's own what that rests on", () => {
    const own = subject(3);
    const { layers, heads } = run.info.model;
    const positions = run.info.prompt.tokens.length + run.info.tokens.length - 1;
    const gradient = new Float32Array(layers * heads * positions);
    gradient[run.arrays.imagePositions[0] ?? 0] = 1;
    const whatIf = { token: 3, row: { gradient, gradientReferenceLast: null } };
    const instead = wordSources({ ...own, attribution: { ...own.attribution }, whatIf }, "all");
    expect(instead?.sides.image).toBe(1);
  });

  it("knows nothing of shares without the gradient", () => {
    const { data, ...rest } = subject(2);
    const without = { ...data, arrays: { ...data.arrays, gradient: null } };
    expect(wordSources({ ...rest, data: without }, "all")).toBeNull();
  });
});
