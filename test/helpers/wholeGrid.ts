import fc from "fast-check";
import { expect, test } from "vitest";
import type { Rectangle } from "../../src/core/run/types.js";
import type { ImageLayout } from "../../src/runtime/families/layout.js";
import type { LoadedVlm } from "../../src/runtime/model/loadModel.js";
import { maxDifference } from "./compare.js";
import { holds, mostMoved, movedCells } from "./movedCells.js";

interface Size {
  readonly width: number;
  readonly height: number;
}

type Counts = readonly [cols: number, rows: number];

/** Pictures of any shape. */
export const anySize = fc.record({
  width: fc.integer({ min: 1, max: 3000 }),
  height: fc.integer({ min: 1, max: 3000 }),
});

/** A rectangle cut into equal columns and rows, row by row. */
export function cellsOf([x, y, width, height]: Rectangle, [cols, rows]: Counts): Rectangle[] {
  const [w, h] = [width / cols, height / rows];
  return Array.from({ length: cols * rows }, (_, i): Rectangle => [
    x + (i % cols) * w,
    y + Math.floor(i / cols) * h,
    w,
    h,
  ]);
}

/** Expects so many columns and rows of equal cells over all of a picture, row by row, after those that are given. */
export function expectWholeGrid(
  { cells, seen }: Pick<ImageLayout, "cells" | "seen">,
  { width, height }: Size,
  counts: Counts,
  before: ImageLayout["cells"] = [],
): void {
  const whole: Rectangle = [0, 0, width, height];
  const expected = [...before, ...cellsOf(whole, counts)];
  expect(cells).toHaveLength(expected.length);
  expect(seen).toEqual(whole);
  expect(maxDifference(cells.flat(), expected.flat())).toBeLessThan(1e-6);
}

/** Tests that a bright square moves the cell it lies in most, in a model that squeezes any picture into 4 x 4 cells. */
export function testSquares(vlm: () => LoadedVlm): void {
  test.each([
    { width: 200, height: 90, x: 15, y: 10 },
    { width: 200, height: 90, x: 170, y: 75 },
    { width: 60, height: 240, x: 40, y: 110 },
    { width: 60, height: 240, x: 5, y: 220 },
    { width: 128, height: 128, x: 70, y: 40 },
  ])("a square on $width x $height at $x, $y moves its cell most", async ({ width, height, x, y }) => {
    const found = await movedCells(vlm(), { width, height }, [x, y, 8, 8]);
    expect(found.cells).toHaveLength(16);
    expect(holds(mostMoved(found), [x + 4, y + 4])).toBe(true);
  });
}
