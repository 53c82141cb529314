import type { Rectangle } from "../run/types.js";
import { regularGrid, type RegularGrid } from "./regularGrid.js";

/** Cells of one size that form a grid: all tiles of a picture together, or a view of the whole. */
export interface GridLayer extends Omit<RegularGrid, "order"> {
  /** Index among all cells of the one at row * columns + column. */
  readonly order: Int32Array;
}

/** Share of a side that cells of one layer may differ by: rectangles come from rounded resizes. */
const TOLERANCE = 0.02;

/**
 * The grids that cells form which may lie on each other, one for each size of cell; null when some form none. Cells
 * without area belong to no grid.
 */
export function gridLayers(cells: readonly Rectangle[]): readonly GridLayer[] | null {
  const known = KNOWN.get(cells);
  if (known !== undefined) return known;
  const layers = findLayers(cells);
  KNOWN.set(cells, layers);
  return layers;
}

/** Every map of a run is drawn over the same cells. */
const KNOWN = new WeakMap<readonly Rectangle[], readonly GridLayer[] | null>();

function findLayers(cells: readonly Rectangle[]): readonly GridLayer[] | null {
  const groups: { readonly size: Rectangle; readonly indexes: number[] }[] = [];
  for (const [index, cell] of cells.entries()) {
    if (cell[2] <= 0 || cell[3] <= 0) continue;
    const group = groups.find(({ size }) => alike(size, cell));
    if (group) group.indexes.push(index);
    else groups.push({ size: cell, indexes: [index] });
  }
  const layers: GridLayer[] = [];
  for (const { indexes } of groups) {
    const grid = regularGrid(indexes.map((index) => cells[index] ?? [0, 0, 0, 0]));
    if (grid === null) return null;
    layers.push({ ...grid, order: grid.order.map((place) => indexes[place] ?? -1) });
  }
  return layers.length > 0 ? layers : null;
}

function alike(a: Rectangle, b: Rectangle): boolean {
  return Math.abs(a[2] - b[2]) <= TOLERANCE * a[2] && Math.abs(a[3] - b[3]) <= TOLERANCE * a[3];
}
