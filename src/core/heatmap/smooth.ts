import type { Rectangle } from "../run/types.js";
import { paintCells } from "./paintCells.js";
import { regularGrid } from "./regularGrid.js";

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
  const sorted = Float32Array.from(grid.order, (cell) => values[cell] ?? 0);
  const raster = new Float32Array(width * height);
  for (const [y, row] of rows.entries()) {
    if (row === null) continue;
    const upper = row.low * grid.columns;
    const lower = row.high * grid.columns;
    // A plain loop: it runs for every pixel of every map that is pointed at.
    for (let x = 0; x < width; x++) {
      const column = columns[x];
      if (!column) continue;
      const above = blend(sorted[upper + column.low] ?? 0, sorted[upper + column.high] ?? 0, column.part);
      const below = blend(sorted[lower + column.low] ?? 0, sorted[lower + column.high] ?? 0, column.part);
      raster[y * width + x] = blend(above, below, row.part);
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

function blend(from: number, to: number, part: number): number {
  return from + part * (to - from);
}
