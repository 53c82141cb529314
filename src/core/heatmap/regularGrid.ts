import type { Rectangle } from "../run/types.js";

/** Cells that fill a rectangle in equal columns and rows. */
export interface RegularGrid {
  readonly columns: number;
  readonly rows: number;
  readonly left: number;
  readonly top: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Index of the cell at row * columns + column. */
  readonly order: Int32Array;
}

/** Share of a cell that edges may be off by: rectangles come from rounded resizes. */
const TOLERANCE = 0.02;

/** The grid that cells form, whatever their order; null when they form none (tiles of different size, gaps). */
export function regularGrid(cells: readonly Rectangle[]): RegularGrid | null {
  const known = KNOWN.get(cells);
  if (known !== undefined) return known;
  const grid = findGrid(cells);
  KNOWN.set(cells, grid);
  return grid;
}

/** Every map of a run is drawn over the same cells. */
const KNOWN = new WeakMap<readonly Rectangle[], RegularGrid | null>();

function findGrid(cells: readonly Rectangle[]): RegularGrid | null {
  const [first] = cells;
  if (first === undefined) return null;
  const [, , cellWidth, cellHeight] = first;
  const left = cells.reduce((least, [x]) => Math.min(least, x), Infinity);
  const top = cells.reduce((least, [, y]) => Math.min(least, y), Infinity);
  const places = cells.map(
    ([x, y]) => [Math.round((x - left) / cellWidth), Math.round((y - top) / cellHeight)] as const,
  );
  const columns = 1 + places.reduce((most, [column]) => Math.max(most, column), 0);
  const rows = 1 + places.reduce((most, [, row]) => Math.max(most, row), 0);
  if (columns * rows !== cells.length) return null;
  const order = new Int32Array(cells.length).fill(-1);
  for (const [index, [column, row]] of places.entries()) {
    const expected: Rectangle = [left + column * cellWidth, top + row * cellHeight, cellWidth, cellHeight];
    const place = row * columns + column;
    if (!isNear(cells[index], expected) || order[place] !== -1) return null;
    order[place] = index;
  }
  return { columns, rows, left, top, cellWidth, cellHeight, order };
}

function isNear(cell: Rectangle | undefined, [x, y, width, height]: Rectangle): boolean {
  if (cell === undefined) return false;
  const [dx, dy] = [TOLERANCE * width, TOLERANCE * height];
  return (
    Math.abs(cell[0] - x) <= dx &&
    Math.abs(cell[1] - y) <= dy &&
    Math.abs(cell[2] - width) <= dx &&
    Math.abs(cell[3] - height) <= dy
  );
}
