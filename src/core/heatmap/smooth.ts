import type { Rectangle } from "../run/types.js";
import { gridLayers, type GridLayer } from "./gridLayers.js";
import { paintCells } from "./paintCells.js";

/**
 * A map [N] as a raster [height * width], interpolated bilinearly between the centres of the cells; 0 outside them.
 * Where tiles and a view of the whole lie on each other, it is the mean of the two, each interpolated by itself. Cells
 * that form no grids are painted as they are.
 */
export function smooth(
  values: Float32Array,
  cells: readonly Rectangle[],
  width: number,
  height: number,
): Float32Array {
  const layers = gridLayers(cells);
  if (layers === null) return paintCells(values, cells, width, height);
  const sum = new Float32Array(width * height);
  const cover = new Uint8Array(width * height);
  for (const layer of layers) addLayer(values, layer, { sum, cover, width, height });
  return sum.map((total, pixel) => total / (cover[pixel] || 1));
}

interface Raster {
  readonly sum: Float32Array;
  /** How many layers lie on each pixel. */
  readonly cover: Uint8Array;
  readonly width: number;
  readonly height: number;
}

function addLayer(values: Float32Array, layer: GridLayer, { sum, cover, width, height }: Raster): void {
  const columns = blends(layer.left, layer.cellWidth, layer.columns, width);
  const rows = blends(layer.top, layer.cellHeight, layer.rows, height);
  const sorted = Float32Array.from(layer.order, (cell) => values[cell] ?? 0);
  for (const [y, row] of rows.entries()) {
    if (row === null) continue;
    const upper = row.low * layer.columns;
    const lower = row.high * layer.columns;
    // A plain loop: it runs for every pixel of every map that is pointed at.
    for (let x = 0; x < width; x++) {
      const column = columns[x];
      if (!column) continue;
      const above = blend(sorted[upper + column.low] ?? 0, sorted[upper + column.high] ?? 0, column.part);
      const below = blend(sorted[lower + column.low] ?? 0, sorted[lower + column.high] ?? 0, column.part);
      const pixel = y * width + x;
      sum[pixel] = (sum[pixel] ?? 0) + blend(above, below, row.part);
      cover[pixel] = (cover[pixel] ?? 0) + 1;
    }
  }
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
