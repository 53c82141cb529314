import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Rectangle } from "../../src/core/run/types.js";
import { boxAround, tileBoxes } from "../../src/core/heatmap/tileBoxes.js";
import { boxBetween, cellAt, nextCell } from "../../webview/panel/cellPlaces.js";

function grid(columns: number, rows: number, [x, y, width, height]: Rectangle): Rectangle[] {
  return Array.from({ length: columns * rows }, (_, index): Rectangle => [
    x + ((index % columns) * width) / columns,
    y + (Math.floor(index / columns) * height) / rows,
    width / columns,
    height / rows,
  ]);
}

/** A picture in two tiles side by side and once as a whole, as tiled models take it. */
const TILED = [
  ...grid(4, 4, [0, 0, 50, 100]),
  ...grid(4, 4, [50, 0, 50, 100]),
  ...grid(2, 2, [0, 0, 100, 100]),
];

describe("cellAt", () => {
  it("finds every cell of a grid at its centre, and none outside", () => {
    const cells = grid(7, 5, [10, 20, 70, 50]);
    cells.forEach(([x, y, width, height], index) =>
      expect(cellAt(cells, x + width / 2, y + height / 2)).toBe(index),
    );
    expect(cellAt(cells, 9.9, 30)).toBe(-1);
    expect(cellAt(cells, 80, 30)).toBe(-1);
  });

  it("takes the smallest of cells that overlap", () => {
    expect(cellAt(TILED, 6, 12)).toBe(0);
    expect(cellAt(TILED, 99, 99)).toBe(31);
  });
});

describe("nextCell", () => {
  const cells = grid(3, 2, [0, 0, 90, 40]);

  it("walks the grid and stops at its border", () => {
    expect(nextCell(cells, 0, "ArrowRight")).toBe(1);
    expect(nextCell(cells, 1, "ArrowDown")).toBe(4);
    expect(nextCell(cells, 4, "ArrowLeft")).toBe(3);
    expect(nextCell(cells, 3, "ArrowUp")).toBe(0);
    expect(nextCell(cells, 2, "ArrowRight")).toBe(2);
    expect(nextCell(cells, 5, "ArrowDown")).toBe(5);
  });

  it("starts at the first cell and knows no other keys", () => {
    expect(nextCell(cells, -1, "ArrowDown")).toBe(0);
    expect(nextCell([], -1, "ArrowDown")).toBe(-1);
    expect(nextCell(cells, 0, "a")).toBeUndefined();
  });

  it("crosses a gap between tiles", () => {
    const apart = [...grid(2, 1, [0, 0, 20, 10]), ...grid(2, 1, [60, 0, 20, 10])];
    expect(nextCell(apart, 1, "ArrowRight")).toBe(2);
    expect(nextCell(apart, 2, "ArrowLeft")).toBe(1);
  });

  it("always leads to a cell", () => {
    const keys = fc.constantFrom("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown");
    fc.assert(
      fc.property(fc.nat(TILED.length - 1), fc.array(keys, { maxLength: 12 }), (start, path) => {
        const end = path.reduce((cell, key) => nextCell(TILED, cell, key) ?? -1, start);
        expect(end).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThan(TILED.length);
      }),
    );
  });
});

describe("boxes", () => {
  it("are the smallest around two", () => {
    expect(boxAround([0, 0, 10, 10], [20, 5, 10, 10])).toEqual([0, 0, 30, 15]);
  });

  it("are drawn in any direction and end at the picture", () => {
    const size = { width: 100, height: 50 };
    expect(boxBetween([30, 40], [10, 20], size)).toEqual([10, 20, 20, 20]);
    expect(boxBetween([90, 40], [130, -20], size)).toEqual([90, 0, 10, 40]);
  });
});

describe("tileBoxes", () => {
  it("finds one box in a picture that was taken whole", () => {
    expect(tileBoxes(grid(24, 24, [0, 0, 336, 336]))).toHaveLength(1);
    expect(tileBoxes([])).toEqual([]);
  });

  it("finds tiles side by side, below one another, and the whole view", () => {
    expect(tileBoxes(TILED)).toEqual([
      [0, 0, 50, 100],
      [50, 0, 50, 100],
      [0, 0, 100, 100],
    ]);
    const four = [
      [0, 0],
      [50, 0],
      [0, 50],
      [50, 50],
    ].flatMap(([x = 0, y = 0]) => grid(3, 3, [x, y, 50, 50]));
    expect(tileBoxes(four).map((box) => box.map(Math.round))).toEqual([
      [0, 0, 50, 50],
      [50, 0, 50, 50],
      [0, 50, 50, 50],
      [50, 50, 50, 50],
    ]);
  });
});
