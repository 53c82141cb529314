import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { differenceMap, type PlacedMap } from "../../src/core/compare/differenceMap.js";
import type { Rectangle } from "../../src/core/run/types.js";

/** A map over a grid that fills its picture. */
function gridMap(values: readonly number[], columns: number, width = 64, height = 48): PlacedMap {
  const rows = values.length / columns;
  return {
    values: Float32Array.from(values),
    cells: values.map((_, index): Rectangle => [
      ((index % columns) * width) / columns,
      (Math.floor(index / columns) * height) / rows,
      width / columns,
      height / rows,
    ]),
    image: { width, height },
  };
}

const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);

const anyMap = fc
  .record({
    columns: fc.integer({ min: 1, max: 7 }),
    rows: fc.integer({ min: 1, max: 7 }),
    width: fc.integer({ min: 8, max: 900 }),
    height: fc.integer({ min: 8, max: 900 }),
    values: fc.array(fc.float({ min: 0, max: 100, noNaN: true }), { minLength: 49, maxLength: 49 }),
  })
  .map(({ columns, rows, width, height, values }) =>
    gridMap(values.slice(0, columns * rows), columns, width, height),
  );

describe("differenceMap", () => {
  it("is B minus A in shares of each map's sum, cell by cell where the cells are the same", () => {
    const made = differenceMap(gridMap([1, 1, 0, 2], 2), gridMap([0, 30, 0, 10], 2));
    expect(made.grid).toBe("cells");
    expect(Array.from(made.a)).toEqual([0.25, 0.25, 0, 0.5]);
    expect(Array.from(made.b)).toEqual([0, 0.75, 0, 0.25]);
    expect(Array.from(made.difference)).toEqual([-0.25, 0.5, 0, -0.25]);
    expect(made.most).toBe(0.5);
    expect(made.similarity?.overlap).toBe(0.5);
    expect(made.similarity?.cosine).toBeCloseTo(0.3125 / Math.sqrt(0.375 * 0.625));
  });

  it("compares pictures of other sizes by shares of the picture", () => {
    const made = differenceMap(gridMap([1, 3, 0, 0], 2, 64, 48), gridMap([3, 1, 0, 0], 2, 1920, 1080));
    expect(made.grid).toBe("cells");
    expect(Array.from(made.difference)).toEqual([0.5, -0.5, 0, 0]);
    expect(made.cells[1]).toEqual([0.5, 0, 0.5, 0.5]);
  });

  it("spreads maps of other cells over the finer grid, with their sums", () => {
    const made = differenceMap(
      gridMap([1, 0, 0, 0], 2),
      gridMap([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 4),
    );
    expect(made.grid).toEqual({ columns: 4, rows: 4 });
    expect(made.difference.every((value) => value === 0)).toBe(true);
    const thirds = differenceMap(gridMap([1, 0], 2), gridMap([1, 0, 0], 3));
    expect(thirds.grid).toEqual({ columns: 3, rows: 1 });
    const [first = 0, second = 0, third = 0] = thirds.a;
    expect([first, second, third].map((value) => value.toFixed(4))).toEqual(["0.6667", "0.3333", "0.0000"]);
  });

  it("adds cells that lie on each other, tiles and a view of the whole", () => {
    const tiled: PlacedMap = {
      values: Float32Array.of(2, 0, 2),
      cells: [
        [0, 0, 32, 48],
        [32, 0, 32, 48],
        [0, 0, 64, 48],
      ],
      image: { width: 64, height: 48 },
    };
    const made = differenceMap(tiled, gridMap([1, 1], 2));
    expect(made.grid).toEqual({ columns: 2, rows: 1 });
    expect(Array.from(made.a)).toEqual([0.75, 0.25]);
  });

  it("leaves out what lies beyond the picture, and says nothing of likeness with an empty map", () => {
    const padded: PlacedMap = {
      ...gridMap([1, 1], 2),
      cells: [
        [0, 0, 64, 48],
        [64, 0, 64, 48],
      ],
    };
    expect(Array.from(differenceMap(padded, gridMap([1], 1)).a)).toEqual([1]);
    const empty = differenceMap(gridMap([0, 0], 2), gridMap([1, 3], 2));
    expect(empty.similarity).toBeNull();
    expect(Array.from(empty.difference)).toEqual([0.25, 0.75]);
    const flat = differenceMap(gridMap([2, 2], 2), gridMap([1, 3], 2));
    expect(flat.similarity?.correlation).toBeNull();
    expect(flat.similarity?.overlap).toBe(0.75);
  });

  it("of a map and itself is nothing, wherever its cells are", () => {
    fc.assert(
      fc.property(anyMap, (map) => {
        const made = differenceMap(map, map);
        expect(made.most).toBe(0);
        expect(made.difference.every((value) => value === 0)).toBe(true);
        if (made.similarity) {
          expect(made.similarity.overlap).toBeCloseTo(1, 4);
          expect(made.similarity.cosine).toBeCloseTo(1, 5);
        }
      }),
    );
  });

  it("turns round with its sides, sums to nothing, and stays within its scale", () => {
    fc.assert(
      fc.property(anyMap, anyMap, (a, b) => {
        const there = differenceMap(a, b);
        const back = differenceMap(b, a);
        // Adding 0 makes -0 equal to 0.
        expect(Array.from(back.difference, (value) => value + 0)).toEqual(
          Array.from(there.difference, (value) => 0 - value),
        );
        expect(back.most).toBe(there.most);
        for (const value of there.difference) expect(Math.abs(value)).toBeLessThanOrEqual(there.most);
        const [sumA, sumB] = [sum(there.a), sum(there.b)];
        for (const total of [sumA, sumB]) expect(total === 0 || Math.abs(total - 1) < 1e-4).toBe(true);
        if (sumA > 0 && sumB > 0) {
          expect(sum(there.difference)).toBeCloseTo(0, 4);
          expect(there.similarity?.overlap).toBeCloseTo(
            1 - there.difference.reduce((total, value) => total + Math.abs(value), 0) / 2,
            4,
          );
          expect(back.similarity?.overlap).toBeCloseTo(there.similarity?.overlap ?? -1, 5);
        }
      }),
    );
  });
});
