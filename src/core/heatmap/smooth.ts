import type { Rectangle } from "../run/types.js";
import { paintCells } from "./paintCells.js";
import { regularGrid, type RegularGrid } from "./regularGrid.js";

/**
 * A map [N] as a raster [height * width], interpolated bilinearly between the centres of the cells; 0 outside them.
 * Cells that are no regular grid are painted as they are.
 */
export function smooth(
  values: Float32Array,
  cells: readonly Rectangle[],
  width: number,
  height: number,
): Float32Array {
  const grid = regularGrid(cells);
  if (grid === null) return paintCells(values, cells, width, height);
  const columns = blends(grid.left, grid.cellWidth, grid.columns, width);
  const rows = blends(grid.top, grid.cellHeight, grid.rows, height);
  const raster = new Float32Array(width * height);
  for (const [y, row] of rows.entries()) {
    if (row === null) continue;
    for (const [x, column] of columns.entries()) {
      if (column === null) continue;
      const upper = blend(
        cellValue(values, grid, column.low, row.low),
        cellValue(values, grid, column.high, row.low),
        column.part,
      );
      const lower = blend(
        cellValue(values, grid, column.low, row.high),
        cellValue(values, grid, column.high, row.high),
        column.part,
      );
      raster[y * width + x] = blend(upper, lower, row.part);
    }
  }
  return raster;
}

/** The two cells of one axis between whose centres a pixel lies, and how far it is on the way to the second. */
interface Blend {
  readonly low: number;
  readonly high: number;
  readonly part: number;
}

function blends(start: number, cellSize: number, count: number, pixels: number): (Blend | null)[] {
  return Array.from({ length: pixels }, (_, pixel) => {
    const place = (pixel + 0.5 - start) / cellSize;
    if (place < 0 || place > count) return null;
    const between = Math.min(Math.max(place - 0.5, 0), count - 1);
    const low = Math.min(Math.floor(between), Math.max(0, count - 2));
    return { low, high: Math.min(low + 1, count - 1), part: between - low };
  });
}

function cellValue(
  values: Float32Array,
  { order, columns }: RegularGrid,
  column: number,
  row: number,
): number {
  return values[order[row * columns + column] ?? -1] ?? 0;
}

function blend(from: number, to: number, part: number): number {
  return from + part * (to - from);
}
