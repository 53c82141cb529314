import type { Rectangle } from "../run/types.js";
import { axisIndex, cellAxis } from "./cellAxis.js";
import { hasArea } from "./placedMap.js";

/** Cells that form a grid: all tiles of a picture together, or a view of the whole. */
export interface GridLayer {
  /** Borders of its columns [columns + 1] and rows [rows + 1]; the outermost may be narrower, cut off by the picture's border. */
  readonly across: readonly number[];
  readonly down: readonly number[];
  readonly columns: number;
  readonly rows: number;
  /** Index among all cells of the one at row * columns + column. */
  readonly order: Int32Array;
}

/** Share of a side that cells of one size may differ by: rectangles come from rounded resizes. */
const TOLERANCE = 0.02;

/**
 * The grids that cells form which may lie on each other, the finest first; null when some form none. Cells without
 * area belong to no grid.
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

/** Cells of one size. */
interface SizeGroup {
  readonly size: Rectangle;
  readonly indexes: readonly number[];
}

function findLayers(cells: readonly Rectangle[]): readonly GridLayer[] | null {
  const layers: GridLayer[] = [];
  for (const family of families(bySize(cells))) {
    const whole = layerOf(
      family.flatMap(({ indexes }) => indexes),
      cells,
    );
    const found = whole ? [whole] : family.map(({ indexes }) => layerOf(indexes, cells));
    for (const layer of found) {
      if (layer === null) return null;
      layers.push(layer);
    }
  }
  const area = ({ order }: GridLayer): number =>
    order.reduce((most, index) => Math.max(most, (cells[index]?.[2] ?? 0) * (cells[index]?.[3] ?? 0)), 0);
  return layers.length > 0 ? layers.sort((a, b) => area(a) - area(b)) : null;
}

function bySize(cells: readonly Rectangle[]): SizeGroup[] {
  const groups: { readonly size: Rectangle; readonly indexes: number[] }[] = [];
  for (const [index, cell] of cells.entries()) {
    if (!hasArea(cell)) continue;
    const group = groups.find(({ size }) => alike(size[2], cell[2]) && alike(size[3], cell[3]));
    if (group) group.indexes.push(index);
    else groups.push({ size: cell, indexes: [index] });
  }
  return groups;
}

/** Sizes that may be of one grid: cells cut off by the picture's border keep their width or their height. */
function families(groups: readonly SizeGroup[]): SizeGroup[][] {
  const open = new Set(groups);
  const found: SizeGroup[][] = [];
  for (const first of open) {
    open.delete(first);
    const family = [first];
    for (const { size } of family)
      for (const other of open)
        if (alike(size[2], other.size[2]) || alike(size[3], other.size[3])) {
          open.delete(other);
          family.push(other);
        }
    found.push(family);
  }
  return found;
}

/** The grid of some cells; null when they form none. */
function layerOf(indexes: readonly number[], cells: readonly Rectangle[]): GridLayer | null {
  const own = indexes.map((index) => cells[index] ?? ([0, 0, 0, 0] as const));
  const across = cellAxis(own.map(([from, , size]) => ({ from, size })));
  const down = cellAxis(own.map(([, from, , size]) => ({ from, size })));
  if (across === null || down === null) return null;
  const [columns, rows] = [across.length - 1, down.length - 1];
  if (columns * rows !== indexes.length) return null;
  const order = new Int32Array(indexes.length).fill(-1);
  for (const [at, [x, y, width, height]] of own.entries()) {
    const place = axisIndex(down, y + height / 2) * columns + axisIndex(across, x + width / 2);
    if (order[place] !== -1) return null;
    order[place] = indexes[at] ?? -1;
  }
  return { across, down, columns, rows, order };
}

function alike(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.max(a, b);
}
