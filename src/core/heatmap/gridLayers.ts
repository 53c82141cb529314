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
 * The grids that cells of one picture form, which may lie on each other, the finest first; null when some form none.
 * Cells without area belong to no grid.
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

/** Whether two cells may be of one grid by their sizes. */
type Kinship = (a: Rectangle, b: Rectangle) => boolean;

const sameWidth: Kinship = (a, b) => alike(a[2], b[2]);
const sameHeight: Kinship = (a, b) => alike(a[3], b[3]);
const sameSize: Kinship = (a, b) => sameWidth(a, b) && sameHeight(a, b);

/** Cells that the picture's border cuts off keep their width or their height; corners share neither with whole ones. */
const KINSHIPS: readonly Kinship[] = [
  sameSize,
  sameWidth,
  sameHeight,
  (a, b) => sameWidth(a, b) || sameHeight(a, b),
];

/** The kinship by which the fewest grids come about is the right one: a cut-off row alone is a grid, too. */
function findLayers(cells: readonly Rectangle[]): readonly GridLayer[] | null {
  const sizes = bySize(cells);
  let best: readonly GridLayer[] | null = null;
  for (const kinship of KINSHIPS) {
    const layers = groupsOf(sizes, kinship).map(({ indexes }) => layerOf(indexes, cells));
    const found = layers.filter((layer) => layer !== null);
    if (found.length < layers.length || found.length === 0) continue;
    if (best === null || found.length < best.length) best = found;
  }
  const area = ({ order }: GridLayer): number =>
    order.reduce((most, index) => Math.max(most, (cells[index]?.[2] ?? 0) * (cells[index]?.[3] ?? 0)), 0);
  return best && [...best].sort((a, b) => area(a) - area(b));
}

/** Cells of one size, or of akin ones. */
interface SizeGroup {
  readonly size: Rectangle;
  readonly indexes: readonly number[];
}

function bySize(cells: readonly Rectangle[]): SizeGroup[] {
  const groups: { readonly size: Rectangle; readonly indexes: number[] }[] = [];
  for (const [index, cell] of cells.entries()) {
    if (!hasArea(cell)) continue;
    const group = groups.find(({ size }) => sameSize(size, cell));
    if (group) group.indexes.push(index);
    else groups.push({ size: cell, indexes: [index] });
  }
  return groups;
}

/** Groups put together with all that is akin to one of them. */
function groupsOf(groups: readonly SizeGroup[], akin: Kinship): SizeGroup[] {
  const found: { members: SizeGroup[] }[] = [];
  for (const group of groups) {
    const own = found.filter(({ members }) => members.some(({ size }) => akin(size, group.size)));
    const [first, ...others] = own;
    if (!first) {
      found.push({ members: [group] });
      continue;
    }
    first.members.push(group, ...others.flatMap(({ members }) => members));
    for (const other of others) found.splice(found.indexOf(other), 1);
  }
  return found.map(({ members }) => ({
    size: members[0]?.size ?? [0, 0, 0, 0],
    indexes: members.flatMap(({ indexes }) => indexes),
  }));
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
