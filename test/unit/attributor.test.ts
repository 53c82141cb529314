import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { Attributor } from "../../src/core/attribution/attributor.js";
import { resolveSettings } from "../../src/core/attribution/resolveSettings.js";
import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import type { AttributionInput, TokenGradient } from "../../src/core/attribution/types.js";
import { plainAttribution } from "../helpers/plainAttribution.js";
import { randomAttributionInput } from "../helpers/randomAttributionInput.js";
import { thrownBy } from "../helpers/thrownBy.js";

const [T, L, H, P] = [4, 3, 2, 14];
const IMAGE = [2, 3, 4, 5, 6, 7];

const anySettings: fc.Arbitrary<AttributionSettings> = fc
  .record({
    preset: fc.constantFrom("paper" as const, "reference" as const),
    layers: fc.constantFrom([0, 3] as const, [1, 3] as const, [0, 2] as const, [2, 3] as const),
    textSet: fc.constantFrom("all" as const, "no-special" as const, "prompt" as const, "generated" as const, {
      positions: [1, 8, 12],
    }),
    score: fc.constantFrom(
      { kind: "max" } as const,
      { kind: "mean" } as const,
      { kind: "top-k", k: 3 } as const,
    ),
    overrides: fc.array(
      fc.record({
        layer: fc.nat(L - 1),
        head: fc.nat(H - 1),
        decision: fc.constantFrom("keep" as const, "drop" as const),
      }),
      { maxLength: 3 },
    ),
    includeStop: fc.boolean(),
  })
  .map((partial) => resolveSettings(partial, L, H));

/** A step of a session: other settings, or another gradient in the place of a token's. */
const anyStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ settings: anySettings }) },
  { weight: 1, arbitrary: fc.record({ token: fc.nat(T - 1), seed: fc.option(fc.nat(5)) }) },
);

/** Token 2 of another random run as a gradient to put anywhere. */
function otherRow(seed: number): TokenGradient {
  const { gradient, gradientReferenceLast } = randomAttributionInput(100 + seed);
  return {
    gradient: gradient.slice(2 * L * H * P, 3 * L * H * P),
    gradientReferenceLast: gradientReferenceLast?.slice(2 * H * P, 3 * H * P) ?? null,
  };
}

/** The input with a token's rows written over. */
function overwritten(input: AttributionInput, token: number, row: TokenGradient): AttributionInput {
  const gradient = input.gradient.slice();
  gradient.set(row.gradient, token * L * H * P);
  const gradientReferenceLast = input.gradientReferenceLast?.slice() ?? null;
  if (row.gradientReferenceLast) gradientReferenceLast?.set(row.gradientReferenceLast, token * H * P);
  return { ...input, gradient, gradientReferenceLast };
}

describe("Attributor", () => {
  for (const [name, bytes] of [
    ["keeping every layer's maps", undefined],
    ["with no room to keep them", 0],
  ] as const)
    it(`gives to the bit what a fresh explanation gives, after any changes, ${name}`, () => {
      const property = fc.property(fc.array(anyStep, { maxLength: 12 }), fc.nat(50), (steps, seed) => {
        const input = randomAttributionInput(seed);
        const attributor = new Attributor(input, bytes);
        const rows = new Map<number, TokenGradient>();
        let settings = resolveSettings({}, L, H);
        for (const step of steps) {
          if ("settings" in step) settings = step.settings;
          else {
            const row = step.seed === null ? null : otherRow(step.seed);
            attributor.replaceRow(step.token, row);
            if (row) rows.set(step.token, row);
            else rows.delete(step.token);
          }
          let replaced = input;
          for (const [token, row] of rows) replaced = overwritten(replaced, token, row);
          expect(attributor.attribute(settings)).toEqual(attribute(replaced, settings));
        }
      });
      fc.assert(property, { numRuns: 60 });
    });

  it("leaves results it has given alone", () => {
    const attributor = new Attributor(randomAttributionInput(3));
    const first = attributor.attribute(resolveSettings({}, L, H));
    const copy = structuredClone(first);
    attributor.replaceRow(1, otherRow(1));
    attributor.attribute(resolveSettings({ layers: [1, 2], textSet: "prompt", preset: "reference" }, L, H));
    expect(first).toEqual(copy);
  });

  it("is not disturbed by what a caller does to a result", () => {
    const attributor = new Attributor(randomAttributionInput(3));
    const settings = resolveSettings({}, L, H);
    const first = attributor.attribute(settings);
    const copy = structuredClone(first);
    for (const field of ["scoreImage", "scoreText", "headWeight", "tokenHeatmap", "layerShare"] as const)
      first[field].fill(9);
    expect(attributor.attribute(settings)).toEqual(copy);
    attributor.droppedMaps();
    expect(attributor.attribute(settings)).toEqual(copy);
  });

  it("explains on after a setting that had to be refused", () => {
    const input = { ...randomAttributionInput(3), gradientReferenceLast: null };
    const attributor = new Attributor(input);
    const settings = resolveSettings({ layers: [1, 3] }, L, H);
    const reference = resolveSettings({ preset: "reference" }, L, H);
    expect(thrownBy(() => attributor.attribute(reference))).toMatchObject({ code: "no-reference-gradient" });
    expect(attributor.attribute(settings)).toEqual(attribute(input, settings));
  });

  it("refuses rows of another shape, of no token, and without what the preset needs", () => {
    const attributor = new Attributor(randomAttributionInput(3));
    const row = otherRow(1);
    const bad = { code: "bad-attribution-input" };
    const short = { ...row, gradient: row.gradient.slice(1) };
    expect(thrownBy(() => attributor.replaceRow(0, short))).toMatchObject(bad);
    const shortReference = { ...row, gradientReferenceLast: new Float32Array(3) };
    expect(thrownBy(() => attributor.replaceRow(0, shortReference))).toMatchObject(bad);
    expect(thrownBy(() => attributor.replaceRow(T, row))).toMatchObject(bad);
    expect(thrownBy(() => attributor.replaceRow(-1, null))).toMatchObject(bad);
    attributor.replaceRow(0, { ...row, gradientReferenceLast: null });
    const reference = resolveSettings({ preset: "reference" }, L, H);
    expect(thrownBy(() => attributor.attribute(reference))).toMatchObject({ code: "no-reference-gradient" });
    attributor.replaceRow(0, null);
    expect(attributor.attribute(reference).tokenWeight).toHaveLength(T);
  });
});

describe("droppedMaps", () => {
  /** sum over the dropped heads of G, written down naively under the paper preset. */
  function plainDropped(input: AttributionInput, settings: AttributionSettings): number[][] {
    const { headWeight } = plainAttribution(input, settings);
    const at = (token: number, head: number, position: number) =>
      Math.max(input.gradient[(token * L * H + head) * P + position] ?? NaN, 0);
    const [from, to] = settings.layers;
    const dropped = (token: number) =>
      Array.from({ length: L * H }, (_, head) => head).filter(
        (head) => head >= from * H && head < to * H && headWeight[token * L * H + head] === 0,
      );
    return Array.from({ length: T }, (_, token) =>
      IMAGE.map((position) => dropped(token).reduce((sum, head) => sum + at(token, head, position), 0)),
    );
  }

  it.each([
    ["all layers", {}],
    ["two layers", { layers: [1, 3] as const }],
    [
      "heads forced to drop and to keep",
      {
        overrides: [
          { layer: 0, head: 1, decision: "drop" as const },
          { layer: 2, head: 0, decision: "keep" as const },
        ],
      },
    ],
  ])("sums the heads that weigh nothing, each weighing 1: %s", (_, partial) => {
    for (let seed = 1; seed <= 10; seed++) {
      const input = randomAttributionInput(seed);
      const settings = resolveSettings(partial, L, H);
      const attributor = new Attributor(input);
      attributor.attribute(settings);
      const { tokenHeatmap, sequenceHeatmap } = attributor.droppedMaps();
      const expected = plainDropped(input, settings);
      expected.flat().forEach((value, index) => expect(tokenHeatmap[index]).toBeCloseTo(value, 5));
      const spread = expected.slice(0, 3).map((map) => {
        const [low, high] = [Math.min(...map), Math.max(...map)];
        return map.map((value) => (high > low ? (value - low) / (high - low) : 0));
      });
      sequenceHeatmap.forEach((value, cell) =>
        expect(value).toBeCloseTo(
          spread.reduce((sum, map) => sum + (map[cell] ?? NaN), 0),
          5,
        ),
      );
    }
  });

  it("is the unfiltered map when every head is forced to drop, under either preset", () => {
    const overrides = Array.from({ length: L * H }, (_, index) => ({
      layer: Math.floor(index / H),
      head: index % H,
      decision: "drop" as const,
    }));
    for (const preset of ["paper", "reference"] as const) {
      const attributor = new Attributor(randomAttributionInput(4));
      const whole = attributor.attribute(resolveSettings({ preset, overrides }, L, H));
      const dropped = attributor.droppedMaps();
      expect(dropped.tokenHeatmap).toEqual(whole.tokenHeatmapUnfiltered);
      expect(dropped.sequenceHeatmap).toEqual(whole.sequenceHeatmapUnfiltered);
    }
  });

  it("follows the last settings and a replaced row", () => {
    const input = randomAttributionInput(6);
    const attributor = new Attributor(input);
    expect(() => attributor.droppedMaps()).toThrow("before attribute");
    attributor.attribute(resolveSettings({}, L, H));
    attributor.droppedMaps();
    attributor.replaceRow(1, otherRow(2));
    const settings = resolveSettings({ textSet: "prompt" }, L, H);
    attributor.attribute(settings);
    const fresh = new Attributor(overwritten(input, 1, otherRow(2)));
    fresh.attribute(settings);
    expect(attributor.droppedMaps()).toEqual(fresh.droppedMaps());
  });
});
