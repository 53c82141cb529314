import type { Rectangle } from "../run/types.js";
import { axisIndex } from "./cellAxis.js";
import type { GridLayer } from "./gridLayers.js";
import { paintCells } from "./paintCells.js";
import { sheetLayers } from "./sheetLayers.js";

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
  const layers = sheetLayers(cells);
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
  const columns = blends(layer.across, width);
  const rows = blends(layer.down, height);
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

/** @param borders of columns or rows, in pixels */
function blends(borders: readonly number[], pixels: number): (Blend | null)[] {
  const count = borders.length - 1;
  const centres = borders.slice(1).map((end, index) => ((borders[index] ?? 0) + end) / 2);
  return Array.from({ length: pixels }, (_, pixel) => {
    const place = pixel + 0.5;
    if (place < (borders[0] ?? 0) || place > (borders[count] ?? 0)) return null;
    const own = axisIndex(borders, place);
    const low = Math.max(0, Math.min(place < (centres[own] ?? 0) ? own - 1 : own, count - 2));
    const high = Math.min(low + 1, count - 1);
    const [from, to] = [centres[low] ?? 0, centres[high] ?? 0];
    const part = to > from ? Math.min(1, Math.max(0, (place - from) / (to - from))) : 0;
    return { low, high, part };
  });
}

function blend(from: number, to: number, part: number): number {
  return from + part * (to - from);
}
