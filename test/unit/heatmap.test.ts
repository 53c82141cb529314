import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COLOUR_MAP_NAMES, colourMap, isTwoSided } from "../../src/core/heatmap/colourMap.js";
import { minMax } from "../../src/core/heatmap/minMax.js";
import { paintCells } from "../../src/core/heatmap/paintCells.js";
import { regionWord } from "../../src/core/heatmap/regionWord.js";
import { regularGrid } from "../../src/core/heatmap/regularGrid.js";
import { scaleCells } from "../../src/core/heatmap/scaleCells.js";
import { smooth } from "../../src/core/heatmap/smooth.js";
import type { Rectangle } from "../../src/core/run/types.js";

/** columns x rows cells of one size, row by row. */
function grid(columns: number, rows: number, size: number, left = 0, top = 0): Rectangle[] {
  return Array.from({ length: columns * rows }, (_, index) => [
    left + (index % columns) * size,
    top + Math.floor(index / columns) * size,
    size,
    size,
  ]);
}

describe("minMax", () => {
  it("stretches to 0..1 and gives 0 for a flat or empty map", () => {
    expect([...minMax(Float32Array.of(2, 4, 3))]).toEqual([0, 1, 0.5]);
    expect([...minMax(Float32Array.of(-5, -5))]).toEqual([0, 0]);
    expect(minMax(new Float32Array()).length).toBe(0);
  });
});

describe("paintCells", () => {
  it("gives every pixel the value of its cell", () => {
    const raster = paintCells(Float32Array.of(1, 2, 3, 4), grid(2, 2, 2), 4, 4);
    expect([...raster]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  });

  it("weighs cells by the part of the pixel they cover", () => {
    const cells: Rectangle[] = [
      [0, 0, 1.25, 1],
      [1.25, 0, 0.75, 1],
    ];
    expect([...paintCells(Float32Array.of(4, 8), cells, 2, 1)]).toEqual([4, 7]);
  });

  it("takes the mean where a global and a tile cell lie on each other, and 0 where none lies", () => {
    const cells: Rectangle[] = [
      [0, 0, 2, 1],
      [1, 0, 1, 1],
    ];
    expect([...paintCells(Float32Array.of(2, 6), cells, 3, 1)]).toEqual([2, 4, 0]);
  });

  it("clips cells that reach beyond the picture", () => {
    expect([...paintCells(Float32Array.of(5), [[-3, -3, 100, 100]], 2, 1)]).toEqual([5, 5]);
  });

  it("stays between the smallest and the largest value", () => {
    const side = fc.double({ min: 0, max: 6, noNaN: true });
    const cell = fc.tuple(side, side, side, side);
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 5 }), (cells) => {
        const values = Float32Array.from(cells, (_, index) => index + 1);
        for (const value of paintCells(values, cells, 6, 6)) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(cells.length * (1 + 1e-5));
        }
      }),
    );
  });
});

describe("signed maps", () => {
  it("are painted and smoothed as unsigned ones: a shift of the values shifts the raster", () => {
    const values = Float32Array.of(-3, 1, 2, -1);
    const shifted = values.map((value) => value + 4);
    for (const draw of [paintCells, smooth]) {
      const raster = draw(values, grid(2, 2, 3), 6, 6);
      expect(Math.min(...raster)).toBeLessThan(-2);
      draw(shifted, grid(2, 2, 3), 6, 6).forEach((value, pixel) =>
        expect(value).toBeCloseTo((raster[pixel] ?? NaN) + 4, 5),
      );
    }
  });
});

describe("scaleCells", () => {
  it("scales both axes", () => {
    expect(scaleCells([[1, 2, 3, 4]], 2, 0.5)).toEqual([[2, 1, 6, 2]]);
  });
});

describe("regularGrid", () => {
  it("finds a grid whatever the order of its cells", () => {
    const cells = grid(3, 2, 10, 5, 7).reverse();
    expect(regularGrid(cells)).toMatchObject({
      columns: 3,
      rows: 2,
      left: 5,
      top: 7,
      cellWidth: 10,
      cellHeight: 10,
    });
    expect([...(regularGrid(cells)?.order ?? [])]).toEqual([5, 4, 3, 2, 1, 0]);
  });

  it("finds none in tiles of different size, in gaps and in doubles", () => {
    expect(regularGrid([...grid(2, 2, 10), [0, 0, 20, 20]])).toBeNull();
    expect(regularGrid(grid(2, 2, 10).slice(1))).toBeNull();
    expect(regularGrid([...grid(2, 2, 10).slice(1), [10, 10, 10, 10]])).toBeNull();
    expect(regularGrid([])).toBeNull();
    expect(
      regularGrid([
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ]),
    ).toBeNull();
  });
});

describe("smooth", () => {
  it("interpolates between the centres and holds the edge", () => {
    const raster = smooth(Float32Array.of(0, 4), grid(2, 1, 4), 8, 4);
    expect([...raster.subarray(0, 8)]).toEqual([0, 0, 0.5, 1.5, 2.5, 3.5, 4, 4]);
    expect([...raster.subarray(24)]).toEqual([...raster.subarray(0, 8)]);
  });

  it("leaves what the cells do not cover at 0", () => {
    expect([...smooth(Float32Array.of(3), [[1, 0, 2, 1]], 4, 1)]).toEqual([0, 3, 3, 0]);
  });

  it("keeps a flat map flat and paints what is no grid", () => {
    expect(smooth(new Float32Array(9).fill(2), grid(3, 3, 5), 15, 15).every((value) => value === 2)).toBe(
      true,
    );
    const cells: Rectangle[] = [...grid(2, 1, 2), [1, 0, 2, 2]];
    const values = Float32Array.of(1, 3, 5);
    expect(smooth(values, cells, 4, 2)).toEqual(paintCells(values, cells, 4, 2));
  });

  it("goes on from tile to tile, and is the mean of the tiles and the view of the whole", () => {
    // Two tiles of 2 x 2 cells side by side, and the whole in 2 x 2 cells of another shape.
    const tiles = [...grid(2, 2, 4), ...grid(2, 2, 4, 8)];
    const whole: Rectangle[] = [0, 1, 2, 3].map((i) => [8 * (i % 2), 4 * Math.floor(i / 2), 8, 4]);
    const values = Float32Array.of(1, 2, 5, 6, 3, 4, 7, 8, 10, 20, 30, 40);
    const joined = smooth(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), grid(4, 2, 4), 16, 8);
    const seen = smooth(values.slice(8), whole, 16, 8);
    const mean = joined.map((value, pixel) => (value + (seen[pixel] ?? NaN)) / 2);
    expect(smooth(values, [...tiles, ...whole], 16, 8)).toEqual(mean);
  });

  it("draws nothing for a cell without area", () => {
    const cells: Rectangle[] = [[0, 0, 0, 0], ...grid(2, 1, 4)];
    expect(smooth(Float32Array.of(9, 0, 4), cells, 8, 4)).toEqual(
      smooth(Float32Array.of(0, 4), grid(2, 1, 4), 8, 4),
    );
  });
});

describe("regionWord", () => {
  const cells = grid(6, 6, 10);
  const picture: Rectangle = [0, 0, 60, 60];
  const map = (...strong: number[]) =>
    Float32Array.from(cells, (_, index) => (strong.includes(index) ? 1 : 0.1));

  it("names the third of the picture", () => {
    const words = [0, 2, 5, 12, 14, 17, 30, 33, 35].map(
      (index) => regionWord(map(index), cells, picture)?.word,
    );
    expect(words).toEqual([
      "top left",
      "top",
      "top right",
      "left",
      "centre",
      "right",
      "bottom left",
      "bottom",
      "bottom right",
    ]);
  });

  it("gives the box of the cells around the strongest one, without those elsewhere", () => {
    const region = regionWord(map(0, 1, 7, 35), cells, picture);
    expect(region?.word).toBe("top left");
    expect(region?.box).toEqual([0, 0, 20 / 60, 20 / 60]);
  });

  it("is in shares of the picture even if the cells cover a part of it", () => {
    const seen = grid(2, 2, 10, 40, 20);
    expect(regionWord(Float32Array.of(1, 0, 0, 0), seen, [0, 0, 80, 40])).toEqual({
      word: "centre",
      box: [0.5, 0.5, 0.125, 0.25],
    });
  });

  it("is null for a flat map", () => {
    expect(regionWord(new Float32Array(36), cells, picture)).toBeNull();
  });
});

describe("colourMap", () => {
  it("begins and ends with the known colours", () => {
    expect(colourMap("viridis")(0)).toEqual([68, 1, 84]);
    expect(colourMap("viridis")(1)).toEqual([253, 231, 37]);
    const [red, , blue] = colourMap("rdbu")(1);
    expect(red).toBeGreaterThan(blue);
  });

  it("has matplotlib's jet: dark blue, cyan, green, yellow, dark red", () => {
    const jet = colourMap("jet");
    const known = [
      [0, [0, 0, 128]],
      [64 / 255, [0, 128, 255]],
      [128 / 255, [125, 255, 122]],
      [191 / 255, [255, 152, 0]],
      [1, [128, 0, 0]],
    ] as const;
    for (const [value, colour] of known)
      jet(value).forEach((channel, index) =>
        expect(Math.abs(channel - (colour[index] ?? NaN))).toBeLessThanOrEqual(1),
      );
  });

  it("clamps, gives bytes, and tells two-sided maps", () => {
    for (const name of COLOUR_MAP_NAMES) {
      const colour = colourMap(name);
      expect(colour(-3)).toEqual(colour(0));
      expect(colour(7)).toEqual(colour(1));
      for (let step = 0; step <= 100; step++)
        for (const channel of colour(step / 100)) {
          expect(Number.isInteger(channel)).toBe(true);
          expect(channel).toBeGreaterThanOrEqual(0);
          expect(channel).toBeLessThanOrEqual(255);
        }
    }
    expect(COLOUR_MAP_NAMES.filter(isTwoSided)).toEqual(["rdbu", "puor"]);
  });

  it("is neutral in the middle of a two-sided map", () => {
    for (const name of ["rdbu", "puor"] as const)
      expect(Math.min(...colourMap(name)(0.5))).toBeGreaterThan(230);
  });
});
