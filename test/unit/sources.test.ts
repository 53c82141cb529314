import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { resolveSettings } from "../../src/core/attribution/resolveSettings.js";
import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import {
  meanSources,
  shareOf,
  SOURCE_HEADS,
  sourceWeights,
  tokenSources,
  type SourceHeads,
  type Sources,
} from "../../src/core/attribution/sources.js";
import type { AttributionInput } from "../../src/core/attribution/types.js";
import { runToJson } from "../../src/core/run/runToJson.js";
import { rowOf } from "../../src/core/run/textWinner.js";
import { randomAttributionInput } from "../helpers/randomAttributionInput.js";
import { sampleRun } from "../helpers/sampleRun.js";

const [L, H, T, S] = [3, 2, 4, 11];
const P = S + T - 1;

const SETTINGS: readonly Partial<AttributionSettings>[] = [
  {},
  { layers: [1, 3] },
  { preset: "reference" },
  { textSet: "prompt" },
  { overrides: [{ layer: 0, head: 1, decision: "drop" }, { layer: 2, head: 0, decision: "keep" }] }, // prettier-ignore
];

function sourcesOf(
  input: AttributionInput,
  settings: AttributionSettings,
  token: number,
  choice: SourceHeads,
): Sources {
  const attribution = attribute(input, settings);
  const weights = sourceWeights({ attribution, settings, layers: L, heads: H }, token, choice);
  const reference = input.gradientReferenceLast;
  const row = {
    gradient: rowOf(input.gradient, token, L * H * P),
    gradientReferenceLast: reference && rowOf(reference, token, H * P),
  };
  return tokenSources(row, weights, H, settings.preset);
}

const places = fc.record({
  seed: fc.integer({ min: 1, max: 10_000 }),
  token: fc.nat(T - 1),
  choice: fc.constantFrom(...SOURCE_HEADS),
  partial: fc.constantFrom(...SETTINGS),
});

describe("what a token rests on", () => {
  it("is divided without rest between picture and text, whatever the heads and settings", () => {
    fc.assert(
      fc.property(places, ({ seed, token, choice, partial }) => {
        const input = randomAttributionInput(seed);
        const made = sourcesOf(input, resolveSettings(partial, L, H), token, choice);
        const isImage = new Set(input.imagePositions);
        const text = Array.from({ length: P }, (_, position) => position).filter((at) => !isImage.has(at));
        const whole = shareOf(made, input.imagePositions) + shareOf(made, text);
        expect(made.share.every((share, at) => share >= Math.max(0, (made.net[at] ?? 0) - 1e-6))).toBe(true);
        // No head may be left: then there is nothing to divide.
        if (made.share.some((share) => share > 0)) expect(whole).toBeCloseTo(1, 5);
        else expect(whole).toBe(0);
      }),
    );
  });

  it("knows nothing of what comes after the token", () => {
    fc.assert(
      fc.property(places, ({ seed, token, choice, partial }) => {
        const made = sourcesOf(randomAttributionInput(seed), resolveSettings(partial, L, H), token, choice);
        for (let position = S + token; position < P; position++) expect(made.share[position]).toBe(0);
      }),
    );
  });

  it.each([
    ["all", "tokenHeatmapUnfiltered"],
    ["image", "tokenHeatmap"],
  ] as const)("with %s heads is the token's map on the picture", (choice, map) => {
    const input = randomAttributionInput(5);
    const settings = resolveSettings({}, L, H);
    const expected = rowOf(attribute(input, settings)[map], 1, input.imagePositions.length);
    const { share } = sourcesOf(input, settings, 1, choice);
    const largest = expected.reduce((most, value) => Math.max(most, value), 0);
    const factor = (share[input.imagePositions[expected.indexOf(largest)] ?? 0] ?? 0) / largest;
    expect(factor).toBeGreaterThan(0);
    for (const [cell, position] of input.imagePositions.entries())
      expect(share[position]).toBeCloseTo((expected[cell] ?? NaN) * factor, 6);
  });

  it("gives the values worked out by hand", () => {
    // Two heads, four positions; the picture is at 1.
    const row = { gradient: Float32Array.of(1, 2, -1, 0, 0, 1, 4, 0), gradientReferenceLast: null };
    const source = {
      attribution: {
        scoreImage: Float32Array.of(2, 1),
        scoreText: Float32Array.of(1, 4),
        headWeight: Float32Array.of(1, 0),
      },
      settings: { layers: [0, 1] as const, overrides: [] },
      layers: 1,
      heads: 2,
    };
    const of = (choice: SourceHeads) => tokenSources(row, sourceWeights(source, 0, choice), 2, "paper");
    expect([...of("all").share]).toEqual([1 / 8, 3 / 8, 4 / 8, 0]);
    expect([...of("all").net]).toEqual([1 / 8, 3 / 8, 3 / 8, 0]);
    expect([...of("image").share]).toEqual([1 / 3, 2 / 3, 0, 0].map(Math.fround));
    expect([...of("text").share]).toEqual([0, 1 / 5, 4 / 5, 0].map(Math.fround));
    const kept = { ...source.settings, overrides: [{ layer: 0, head: 0, decision: "keep" as const }] };
    expect([...sourceWeights({ ...source, settings: kept }, 0, "text")]).toEqual([1, 3]);
    const dropped = { ...source.settings, overrides: [{ layer: 0, head: 1, decision: "drop" as const }] };
    expect([...sourceWeights({ ...source, settings: dropped }, 0, "text")]).toEqual([0, 0]);
  });

  it("without any gradient is nothing", () => {
    const row = { gradient: new Float32Array(8).fill(-1), gradientReferenceLast: null };
    expect([...tokenSources(row, Float32Array.of(1, 1), 2, "paper").share]).toEqual([0, 0, 0, 0]);
  });

  it("for an answer is the mean of its tokens that rest on anything", () => {
    const one = (...share: number[]): Sources => ({
      share: Float32Array.from(share),
      net: Float32Array.from(share),
    });
    expect([...meanSources([one(1, 0), one(0.5, 0.5), one(0, 0)], 2).share]).toEqual([0.75, 0.25]);
    expect([...meanSources([], 2).share]).toEqual([0, 0]);
  });
});

describe("--json", () => {
  it("has what each token rests on, picture and text, and the text's positions once", async () => {
    const run = await sampleRun({ columns: 4, rows: 4 });
    const attribution = attribute(attributionInput(run), run.info.settings);
    const json = runToJson(run, attribution);
    const { prompt, tokens } = run.info;
    const words = prompt.tokens.filter(({ kind }) => kind !== "image").length;
    expect(json.textPositions).toHaveLength(words + tokens.length - 1);
    expect(json.textPositions.at(-1)).toMatchObject({ side: "answer", text: tokens.at(-2)?.text });
    for (const [index, { sources }] of json.tokens.entries()) {
      expect(Object.keys(sources ?? {})).toEqual(["all"]);
      expect(sources?.all?.share).toHaveLength(words + index);
      expect((sources?.all?.image ?? NaN) + (sources?.all?.text ?? NaN)).toBeCloseTo(1, 5);
    }
    const full = runToJson(run, attribution, { heatmaps: true });
    expect(Object.keys(full.tokens[0]?.sources ?? {})).toEqual(["all", "image", "text"]);
    const without = { ...run, arrays: { ...run.arrays, gradient: null } };
    expect(runToJson(without, attribution).tokens[0]?.sources).toBeNull();
  });
});
