import { describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { resolveSettings } from "../../src/core/attribution/resolveSettings.js";
import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import type { AttributionInput } from "../../src/core/attribution/types.js";
import { DexarError } from "../../src/core/errors.js";
import { plainAttribution } from "../helpers/plainAttribution.js";
import { randomAttributionInput } from "../helpers/randomAttributionInput.js";

const SETTINGS: Record<string, Partial<AttributionSettings>> = {
  paper: {},
  "no special tokens": { textSet: "no-special" },
  "prompt only": { textSet: "prompt" },
  "generated only": { textSet: "generated" },
  "chosen positions": { textSet: { positions: [1, 8, 12] } },
  mean: { score: { kind: "mean" } },
  "top 3": { score: { kind: "top-k", k: 3 } },
  "top 50, more than there are": { score: { kind: "top-k", k: 50 } },
  "layers 1 to 2": { layers: [1, 2] },
  "last two layers": { layers: [-2, 3] },
  "stop token included": { includeStop: true },
  overrides: {
    overrides: [
      { layer: 0, head: 1, decision: "drop" },
      { layer: 2, head: 0, decision: "keep" },
    ],
  },
  reference: { preset: "reference" },
  "reference, last two layers, stop included": { preset: "reference", layers: [-2, 3], includeStop: true },
  "reference, prompt only": { preset: "reference", textSet: "prompt" },
};

/** A one-head input whose rows are written out: image at 1 and 2, prompt of 4, one row per token. */
function smallInput(rows: number[][], stops = rows.map(() => false)): AttributionInput {
  return {
    layers: 1,
    heads: 1,
    gradient: Float32Array.from(rows.flat()),
    gradientReferenceLast: null,
    imagePositions: Int32Array.of(1, 2),
    promptLength: 4,
    kinds: ["special", "image", "image", "text"],
    stops,
  };
}

describe("attribute", () => {
  for (const [name, partial] of Object.entries(SETTINGS))
    it(`agrees with the formulas written down naively: ${name}`, () => {
      for (let seed = 1; seed <= 20; seed++) {
        const input = randomAttributionInput(seed);
        const settings = resolveSettings(partial, input.layers, input.heads);
        const result = attribute(input, settings);
        for (const [field, expected] of Object.entries(plainAttribution(input, settings))) {
          const values = [...result[field as keyof ReturnType<typeof plainAttribution>]];
          expect(values.length, field).toBe(expected.length);
          const worst = Math.max(...values.map((value, index) => Math.abs(value - (expected[index] ?? NaN))));
          expect(worst, `${field}, seed ${seed}`).toBeLessThan(5e-6);
        }
      }
    });

  it("gives the values worked out by hand", () => {
    const input = smallInput([
      [0.5, 2, 1, -3, 0],
      [0, 1, 3, 4, 0.5],
    ]);
    const result = attribute(input, resolveSettings({}, 1, 1));
    expect([...result.scoreImage]).toEqual([2, 3]);
    expect([...result.scoreText]).toEqual([0.5, 4]);
    expect([...result.headWeight]).toEqual([1.5, 0]);
    expect([...result.tokenHeatmap]).toEqual([3, 1.5, 0, 0]);
    expect([...result.tokenHeatmapUnfiltered]).toEqual([2, 1, 1, 3]);
    expect([...result.tokenWeight]).toEqual([1.5, 0]);
    expect([...result.sequenceHeatmap]).toEqual([1.5, 0]);
    expect([...result.sequenceHeatmapUnfiltered]).toEqual([1, 1]);
    expect([...result.imageWinner]).toEqual([1, 2]);
    expect([...result.textWinner]).toEqual([0, 3]);
    expect([...result.layerShare]).toEqual([1, 0]);
  });

  it("keeps who won each side of delta", () => {
    const input = randomAttributionInput(7);
    const { reasons, scoreText, textWinner } = attribute(input, resolveSettings({}, 3, 2));
    for (const [token, { text }] of reasons.entries()) {
      const scores = [...scoreText.subarray(token * 6, token * 6 + 6)];
      const best = scores.indexOf(Math.max(...scores));
      expect(text).toEqual({
        layer: Math.floor(best / 2),
        head: best % 2,
        position: textWinner[token * 6 + best],
        score: scores[best],
      });
    }
  });

  it("has no winner where nothing scores above 0", () => {
    const result = attribute(smallInput([[-1, 1, 1, 0]]), resolveSettings({}, 1, 1));
    expect([...result.textWinner]).toEqual([-1]);
    expect(result.reasons).toEqual([{ image: { layer: 0, head: 0, position: 1, score: 1 }, text: null }]);
    const generated = attribute(smallInput([[9, 1, 1, 9]]), resolveSettings({ textSet: "generated" }, 1, 1));
    expect([...generated.scoreText]).toEqual([0]);
    expect([...generated.textWinner]).toEqual([-1]);
  });

  it("gives 0 for flat maps instead of dividing by 0", () => {
    const result = attribute(smallInput([[0, 2, 2, 0]]), resolveSettings({}, 1, 1));
    expect([...result.tokenHeatmap]).toEqual([4, 4]);
    expect([...result.sequenceHeatmap]).toEqual([0, 0]);
    const zero = attribute(smallInput([[0, 0, 0, 0]]), resolveSettings({}, 1, 1));
    expect([...zero.sequenceHeatmapUnfiltered, ...zero.layerShare]).toEqual([0, 0, 0]);
  });

  it("never uses positions after the predicting one", () => {
    const result = attribute(
      smallInput([
        [0, 2, 1, 0, 99],
        [0, 2, 1, 0, 1],
      ]),
      resolveSettings({}, 1, 1),
    );
    expect([...result.scoreText]).toEqual([0, 1]);
  });

  it("explains a batch in the middle of an answer as the whole run does", () => {
    const input = randomAttributionInput(3);
    const settings = resolveSettings({ textSet: "generated" }, 3, 2);
    const whole = attribute(input, settings);
    const rowsPerToken = 6 * 14;
    const batch = attribute(
      { ...input, gradient: input.gradient.slice(2 * rowsPerToken), firstToken: 2 },
      settings,
    );
    expect(batch.tokenHeatmap).toEqual(whole.tokenHeatmap.slice(2 * 6));
    expect(batch.tokenWeight).toEqual(whole.tokenWeight.slice(2));
    expect(batch.textWinner).toEqual(whole.textWinner.slice(2 * 6));
  });

  it("leaves overrides out of delta and the unfiltered maps", () => {
    const input = randomAttributionInput(5);
    const plain = attribute(input, resolveSettings({}, 3, 2));
    const overrides = [0, 1, 2].flatMap((layer) =>
      [0, 1].map((head) => ({ layer, head, decision: "drop" as const })),
    );
    const dropped = attribute(input, resolveSettings({ overrides }, 3, 2));
    expect(dropped.tokenWeight).toEqual(plain.tokenWeight);
    expect(dropped.tokenHeatmapUnfiltered).toEqual(plain.tokenHeatmapUnfiltered);
    expect(dropped.tokenHeatmap.every((value) => value === 0)).toBe(true);
  });

  it("skips the position after the image under reference, unless it is the last of the prompt", () => {
    const base = { ...smallInput([[0, 2, 1, 9]]), gradientReferenceLast: Float32Array.of(0, 2, 1, 9) };
    const settings = resolveSettings({ preset: "reference" }, 1, 1);
    expect([...attribute(base, settings).scoreText]).toEqual([9]);
    const longer: AttributionInput = {
      ...base,
      gradient: new Float32Array(5),
      gradientReferenceLast: Float32Array.of(0, 2, 1, 9, 1),
      promptLength: 5,
      kinds: [...base.kinds, "text"],
    };
    expect([...attribute(longer, settings).scoreText]).toEqual([1]);
  });

  it("handles a run without tokens", () => {
    const result = attribute(smallInput([]), resolveSettings({}, 1, 1));
    expect([...result.sequenceHeatmap]).toEqual([0, 0]);
    expect(result.tokenHeatmap.length).toBe(0);
  });

  it("refuses gradients that are not finite, naming token, layer and head", () => {
    const input = randomAttributionInput(1);
    input.gradient[((1 * 3 + 2) * 2 + 1) * 14 + 4] = NaN;
    expect(() => attribute(input, resolveSettings({}, 3, 2))).toThrow("token 1 in layer 2, head 1");
  });

  it("refuses inputs that do not fit together", () => {
    const input = randomAttributionInput(1);
    const settings = resolveSettings({}, 3, 2);
    const code = (work: () => unknown) => {
      try {
        work();
      } catch (error) {
        return error instanceof DexarError ? error.code : error;
      }
      return "no error";
    };
    expect(code(() => attribute({ ...input, gradient: input.gradient.slice(1) }, settings))).toBe(
      "bad-attribution-input",
    );
    expect(code(() => attribute({ ...input, imagePositions: Int32Array.of(3, 2) }, settings))).toBe(
      "bad-attribution-input",
    );
    expect(code(() => attribute(input, { ...settings, layers: [0, 4] }))).toBe("bad-setting");
    const reference = resolveSettings({ preset: "reference" }, 3, 2);
    expect(code(() => attribute({ ...input, gradientReferenceLast: null }, reference))).toBe(
      "no-reference-gradient",
    );
  });
});

describe("resolveSettings", () => {
  it("fills in the paper's defaults", () => {
    expect(resolveSettings({}, 4, 8)).toEqual({
      preset: "paper",
      layers: [0, 4],
      textSet: "all",
      score: { kind: "max" },
      overrides: [],
      includeStop: false,
    });
  });

  it("counts negative layers from the end", () => {
    expect(resolveSettings({ layers: [-2, 4] }, 4, 8).layers).toEqual([2, 4]);
    expect(resolveSettings({ layers: [0, -1] }, 4, 8).layers).toEqual([0, 3]);
  });

  const wrong: [string, Record<string, unknown>][] = [
    ["layers", { layers: [0, 5] }],
    ["layers", { layers: [-5, 4] }],
    ["layers", { layers: [2, 2] }],
    ["layers", { layers: [0.5, 2] }],
    ["preset", { preset: "papers" }],
    ["textSet", { textSet: "everything" }],
    ["textSet", { textSet: { positions: [-1] } }],
    ["score", { score: { kind: "top-k", k: 0 } }],
    ["score", { score: { kind: "median" } }],
    ["overrides", { overrides: [{ layer: 4, head: 0, decision: "keep" }] }],
    ["overrides", { overrides: [{ layer: 0, head: 0, decision: "maybe" }] }],
  ];
  for (const [option, partial] of wrong)
    it(`refuses ${JSON.stringify(partial)} and names the option`, () => {
      expect(() => resolveSettings(partial, 4, 8)).toThrow(new RegExp(`^The setting ${option} `));
    });
});
