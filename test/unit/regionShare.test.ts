import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { regionShare } from "../../src/core/heatmap/regionShare.js";
import type { Rectangle } from "../../src/core/run/types.js";

const CELLS: Rectangle[] = [
  [0, 0, 10, 10],
  [10, 0, 10, 10],
  [0, 10, 10, 10],
  [10, 10, 10, 10],
];

describe("regionShare", () => {
  it("counts cells by the part of their area inside", () => {
    expect(regionShare([1, 3, 0, 0], CELLS, [0, 0, 10, 10])).toBeCloseTo(0.25);
    expect(regionShare([1, 3, 0, 0], CELLS, [5, 0, 10, 10])).toBeCloseTo((0.5 + 1.5) / 4);
    expect(regionShare([1, 3, 0, 0], CELLS, [0, 10, 20, 10])).toBe(0);
  });

  it("is 0 for a map without positive values", () => {
    expect(regionShare([0, 0, 0, 0], CELLS, [0, 0, 20, 20])).toBe(0);
    expect(regionShare([-1, -2, 0, 0], CELLS, [0, 0, 20, 20])).toBe(0);
  });

  it("gives a flat map the region's share of the picture", () => {
    const side = fc.double({ min: 0, max: 10, noNaN: true });
    fc.assert(
      fc.property(side, side, side, side, (x, y, width, height) => {
        const share = regionShare([1, 1, 1, 1], CELLS, [x, y, width, height]);
        expect(share).toBeCloseTo((width * height) / 400, 6);
      }),
    );
  });

  it("is all of the map in the whole picture", () => {
    const values = fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(values, (map) => {
        fc.pre(map.some((value) => value > 0));
        expect(regionShare(map, CELLS, [-1, -1, 30, 30])).toBeCloseTo(1, 9);
      }),
    );
  });
});
