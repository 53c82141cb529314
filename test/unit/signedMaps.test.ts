import { describe, expect, it } from "vitest";
import { Attributor } from "../../src/core/attribution/attributor.js";
import { contrastGradient } from "../../src/core/attribution/contrastGradient.js";
import { resolveSettings } from "../../src/core/attribution/resolveSettings.js";
import { signedHeadMap, signedTokenMap, type RowPlaces } from "../../src/core/attribution/signedMaps.js";
import type { AttributionInput, TokenGradient } from "../../src/core/attribution/types.js";
import { rowOf } from "../../src/core/run/textWinner.js";
import { randomAttributionInput } from "../helpers/randomAttributionInput.js";
import { thrownBy } from "../helpers/thrownBy.js";

const [L, H, P] = [3, 2, 14];

function tokenRow(input: AttributionInput, token: number): TokenGradient {
  const reference = input.gradientReferenceLast;
  return {
    gradient: rowOf(input.gradient, token, L * H * P),
    gradientReferenceLast: reference && rowOf(reference, token, H * P),
  };
}

function places(input: AttributionInput, preset: RowPlaces["preset"]): RowPlaces {
  return { heads: H, imagePositions: input.imagePositions, preset };
}

/** The row with dA multiplied by `factor`, then cut at 0. */
function cut(row: TokenGradient, factor: number): TokenGradient {
  const part = (values: Float32Array) => values.map((value) => Math.max(factor * value, 0));
  return {
    gradient: part(row.gradient),
    gradientReferenceLast: row.gradientReferenceLast && part(row.gradientReferenceLast),
  };
}

describe("signedTokenMap", () => {
  it("is the token's map where no gradient is negative", () => {
    const input = randomAttributionInput(2);
    const positive = { ...input, gradient: input.gradient.map(Math.abs) };
    const { headWeight, tokenHeatmap } = new Attributor(positive).attribute(resolveSettings({}, L, H));
    const map = signedTokenMap(tokenRow(positive, 1), rowOf(headWeight, 1, L * H), places(input, "paper"));
    map.forEach((value, cell) => expect(value).toBeCloseTo(tokenHeatmap[6 + cell] ?? NaN, 5));
  });

  it.each(["paper", "reference"] as const)("is its positive part minus its negative part: %s", (preset) => {
    const input = randomAttributionInput(3);
    const settings = resolveSettings({ preset, layers: [1, 3] }, L, H);
    const weights = rowOf(new Attributor(input).attribute(settings).headWeight, 2, L * H);
    const row = tokenRow(input, 2);
    const [whole, plus, minus] = [row, cut(row, 1), cut(row, -1)].map((part) =>
      signedTokenMap(part, weights, places(input, preset)),
    );
    expect(whole?.some((value) => value < 0)).toBe(true);
    whole?.forEach((value, cell) =>
      expect(value).toBeCloseTo((plus?.[cell] ?? NaN) - (minus?.[cell] ?? NaN), 5),
    );
  });

  it("sees the authors' last layer under reference only", () => {
    const input = randomAttributionInput(3);
    const weights = new Float32Array(L * H).fill(1, (L - 1) * H);
    const row = tokenRow(input, 0);
    const paper = signedTokenMap(row, weights, places(input, "paper"));
    const reference = signedTokenMap(row, weights, places(input, "reference"));
    const at = (values: Float32Array | null, first: number, position: number) =>
      (values?.[first * P + position] ?? NaN) + (values?.[(first + 1) * P + position] ?? NaN);
    input.imagePositions.forEach((position, cell) => {
      expect(paper[cell]).toBeCloseTo(at(row.gradient, 4, position), 5);
      expect(reference[cell]).toBeCloseTo(at(row.gradientReferenceLast, 0, position), 5);
    });
  });
});

describe("signedHeadMap", () => {
  it("is the head's row at the image positions", () => {
    const input = randomAttributionInput(5);
    const row = tokenRow(input, 1);
    const map = signedHeadMap(row, L * H, 3, places(input, "paper"));
    expect([...map]).toEqual([...row.gradient.subarray(3 * P + 2, 3 * P + 8)]);
  });
});

describe("contrastGradient", () => {
  it("is the first minus the second, and puts nothing on the picture for a token against itself", () => {
    const input = randomAttributionInput(4);
    const [own, other] = [tokenRow(input, 1), tokenRow(input, 2)];
    const contrast = contrastGradient(own, other);
    expect(contrast.gradient[7]).toBe(Math.fround((own.gradient[7] ?? NaN) - (other.gradient[7] ?? NaN)));
    expect(contrast.gradientReferenceLast?.[5]).toBe(
      Math.fround((own.gradientReferenceLast?.[5] ?? NaN) - (other.gradientReferenceLast?.[5] ?? NaN)),
    );
    const attributor = new Attributor(input);
    attributor.replaceRow(1, contrastGradient(own, own));
    const { tokenHeatmapUnfiltered, tokenWeight } = attributor.attribute(resolveSettings({}, L, H));
    expect([...rowOf(tokenHeatmapUnfiltered, 1, 6)]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(tokenWeight[1]).toBe(0);
  });

  it("has no last layer of the published code unless both have one, and refuses other shapes", () => {
    const own = tokenRow(randomAttributionInput(4), 1);
    expect(contrastGradient(own, { ...own, gradientReferenceLast: null }).gradientReferenceLast).toBeNull();
    const short = { ...own, gradient: own.gradient.slice(1) };
    expect(thrownBy(() => contrastGradient(own, short)).code).toBe("bad-attribution-input");
  });
});
