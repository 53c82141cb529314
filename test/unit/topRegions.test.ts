import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { regionWord } from "../../src/core/heatmap/regionWord.js";
import { topRegions } from "../../src/core/heatmap/topRegions.js";
import type { Rectangle } from "../../src/core/run/types.js";

const PICTURE: Rectangle = [0, 0, 60, 60];
const CELLS: Rectangle[] = Array.from({ length: 36 }, (_, index) => [
  10 * (index % 6),
  10 * Math.floor(index / 6),
  10,
  10,
]);

function map(values: Readonly<Record<number, number>>): Float32Array {
  return Float32Array.from(CELLS, (_, index) => values[index] ?? 0);
}

describe("topRegions", () => {
  it("finds the places apart, the one with most of the map first", () => {
    const values = map({ 0: 4, 35: 3, 34: 3, 20: 1 });
    expect(topRegions(values, CELLS, PICTURE, 3)).toEqual([
      { word: "bottom right", box: [4 / 6, 5 / 6, 2 / 6, 1 / 6], share: expect.closeTo(6 / 11, 6) as number },
      { word: "top left", box: [0, 0, 1 / 6, 1 / 6], share: expect.closeTo(4 / 11, 6) as number },
    ]);
  });

  it("gives as many as asked for, and leaves out specks", () => {
    const corners = map({ 0: 1, 5: 1, 30: 1, 35: 1 });
    expect(topRegions(corners, CELLS, PICTURE, 3)).toHaveLength(3);
    const wide = Float32Array.from({ length: 400 }, (_, index) => (index % 20 < 18 ? 1 : 0));
    const cells = Array.from(wide, (_, index): Rectangle => [index % 20, Math.floor(index / 20), 1, 1]);
    wide[399] = 1;
    expect(topRegions(wide, cells, [0, 0, 20, 20], 3)).toHaveLength(1);
  });

  it("leaves out a cell without area, however strong: it is nowhere in the picture", () => {
    const cells: Rectangle[] = [[0, 0, 0, 0], ...CELLS];
    const values = Float32Array.from([100, ...map({ 35: 3, 34: 3 })]);
    const alone = topRegions(map({ 35: 3, 34: 3 }), CELLS, PICTURE, 3);
    expect(topRegions(values, cells, PICTURE, 3)).toEqual(alone);
    expect(regionWord(values, cells, PICTURE)?.word).toBe("bottom right");
  });

  it("finds none in a flat map, and takes values below 0 for nothing", () => {
    expect(topRegions(new Float32Array(36), CELLS, PICTURE, 3)).toEqual([]);
    expect(topRegions(new Float32Array(36).fill(2), CELLS, PICTURE, 3)).toEqual([]);
    const signed = map({ 3: -9, 20: 2 });
    expect(topRegions(signed, CELLS, PICTURE, 3)).toMatchObject([{ share: 1 }]);
  });

  it("has boxes inside the picture, shares of at most 1 in all, and regionWord's place among its own", () => {
    const value = fc.float({ min: 0, max: 10, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 36, maxLength: 36 }), (list) => {
        const values = Float32Array.from(list);
        const regions = topRegions(values, CELLS, PICTURE, 36);
        const total = regions.reduce((sum, { share }) => sum + share, 0);
        expect(total).toBeLessThanOrEqual(1 + 1e-5);
        for (const { box } of regions) {
          expect(Math.min(...box)).toBeGreaterThanOrEqual(0);
          expect(box[0] + box[2]).toBeLessThanOrEqual(1 + 1e-9);
          expect(box[1] + box[3]).toBeLessThanOrEqual(1 + 1e-9);
        }
        expect(regions.map(({ share }) => share)).toEqual(
          regions.map(({ share }) => share).sort((a, b) => b - a),
        );
      }),
    );
    const one = map({ 14: 3, 15: 2 });
    expect(topRegions(one, CELLS, PICTURE, 3)[0]).toMatchObject(regionWord(one, CELLS, PICTURE) ?? {});
  });
});
