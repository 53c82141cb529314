import { describe, expect, it } from "vitest";
import { colourMap } from "../../src/core/heatmap/colourMap.js";
import { layoutColourBar } from "../../src/core/heatmap/colourBar.js";
import { mapColours } from "../../src/core/heatmap/mapColours.js";

describe("layoutColourBar", () => {
  it("goes from the smallest to the largest value, and is clear at the smallest", () => {
    const { stops, ends, middle } = layoutColourBar({
      ...{ low: 0.02, high: 0.5, signed: false, opacity: 0.8 },
      scale: colourMap("viridis"),
    });
    expect(ends).toEqual([0.02, 0.5]);
    expect(middle).toBeNull();
    expect(stops[0]).toMatchObject({ place: 0, alpha: 0 });
    expect(stops.at(-1)).toMatchObject({ place: 1, alpha: 0.8 });
  });

  it("has 0 in the middle of a signed map, clear, with the same length on both sides", () => {
    const { stops, ends, middle } = layoutColourBar({
      ...{ low: -0.1, high: 0.4, signed: true, opacity: 1 },
      scale: colourMap("rdbu"),
    });
    expect(ends).toEqual([-0.4, 0.4]);
    expect(middle).toBe(0);
    expect(stops[(stops.length - 1) / 2]).toMatchObject({ place: 0.5, alpha: 0 });
    expect(stops[0]?.alpha).toBe(1);
    expect(stops[0]?.blue).toBeGreaterThan(stops[0]?.red ?? 255);
    expect(stops.at(-1)?.red).toBeGreaterThan(stops.at(-1)?.blue ?? 255);
  });
});

describe("mapColours", () => {
  it("never draws signed values one-sided, nor others two-sided", () => {
    expect(mapColours("viridis", true)).toBe("rdbu");
    expect(mapColours("puor", true)).toBe("puor");
    expect(mapColours("puor", false)).toBe("viridis");
    expect(mapColours("inferno", false)).toBe("inferno");
  });
});
