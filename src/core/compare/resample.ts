import type { Rectangle } from "../run/types.js";
import type { PlacedMap } from "./differenceMap.js";

/** A grid over the whole picture. */
export interface CommonGrid {
  readonly columns: number;
  readonly rows: number;
  /** Row by row, in shares of the picture. */
  readonly cells: readonly Rectangle[];
}

/** Finer grids say no more about maps of a few thousand cells. */
const MOST_LINES = 96;

/** The cells as shares of their picture. */
export function sharesOfPicture({ cells, image }: Pick<PlacedMap, "cells" | "image">): Rectangle[] {
  const { width, height } = image;
  return cells.map(([x, y, across, down]) => [x / width, y / height, across / width, down / height]);
}

/** A grid about as fine as the smallest cells of either side, on each axis. */
export function commonGrid(a: readonly Rectangle[], b: readonly Rectangle[]): CommonGrid {
  const lines = (axis: 2 | 3): number => {
    const smallest = [...a, ...b].reduce(
      (least, cell) => (cell[axis] > 0 ? Math.min(least, cell[axis]) : least),
      1,
    );
    return Math.min(MOST_LINES, Math.max(1, Math.round(1 / smallest)));
  };
  const [columns, rows] = [lines(2), lines(3)];
  const cells = Array.from({ length: columns * rows }, (_, index): Rectangle => [
    (index % columns) / columns,
    Math.floor(index / columns) / rows,
    1 / columns,
    1 / rows,
  ]);
  return { columns, rows, cells };
}

/**
 * A map in another grid [rows * columns]: each value is spread evenly over its cell and goes to the grid's cells by the
 * area they cover of it, so that the sum stays (but for cells that reach beyond the picture).
 * @param cells in shares of the picture
 */
export function resample(values: Float32Array, cells: readonly Rectangle[], grid: CommonGrid): Float32Array {
  const { columns, rows } = grid;
  const sums = new Float64Array(columns * rows);
  for (const [index, [x, y, width, height]] of cells.entries()) {
    const value = values[index] ?? 0;
    const across = covers(x, width, columns);
    for (const [row, rowShare] of covers(y, height, rows))
      for (const [column, columnShare] of across) {
        const place = row * columns + column;
        sums[place] = (sums[place] ?? 0) + value * rowShare * columnShare;
      }
  }
  return Float32Array.from(sums);
}

/** The grid's lines that a cell lies on along one axis, each with its share of the cell. */
function covers(from: number, size: number, lines: number): [line: number, share: number][] {
  const to = from + size;
  const found: [number, number][] = [];
  for (
    let line = Math.max(0, Math.floor(from * lines));
    line < Math.min(lines, Math.ceil(to * lines));
    line++
  ) {
    const covered = Math.min(to, (line + 1) / lines) - Math.max(from, line / lines);
    if (covered > 0 && size > 0) found.push([line, covered / size]);
  }
  return found;
}
