import type { Rectangle } from "../run/types.js";

/** Share of a rectangle that an edge may be off by: rectangles come from rounded resizes. */
const TOLERANCE = 0.02;

/**
 * The tiles that a model cut the picture into: runs of cells of one size, in the order of the sequence, that fill
 * rows from left to right and the rows from top to bottom. One box when it took the picture whole.
 */
export function tileBoxes(cells: readonly Rectangle[]): Rectangle[] {
  const tiles: { box: Rectangle; previous: Rectangle }[] = [];
  for (const cell of cells) {
    const tile = tiles.at(-1);
    if (tile && continues(tile, cell)) {
      tile.box = boxAround(tile.box, cell);
      tile.previous = cell;
    } else tiles.push({ box: cell, previous: cell });
  }
  return tiles.map(({ box }) => box);
}

function continues({ box, previous }: { box: Rectangle; previous: Rectangle }, cell: Rectangle): boolean {
  const [dx, dy] = [TOLERANCE * previous[2], TOLERANCE * previous[3]];
  const near = (a: number, b: number, most: number): boolean => Math.abs(a - b) <= most;
  if (!near(cell[2], previous[2], dx) || !near(cell[3], previous[3], dy)) return false;
  const sameRow = near(cell[1], previous[1], dy) && near(cell[0], previous[0] + previous[2], dx);
  const nextRow = near(cell[1], previous[1] + previous[3], dy) && near(cell[0], box[0], dx);
  // The first row decides how wide a tile is: a longer one belongs to its neighbour.
  const firstRow = near(previous[1], box[1], dy);
  return nextRow || (sameRow && (firstRow || cell[0] + cell[2] <= box[0] + box[2] + dx));
}

/** The smallest rectangle around two. */
export function boxAround(a: Rectangle, b: Rectangle): Rectangle {
  const left = Math.min(a[0], b[0]);
  const top = Math.min(a[1], b[1]);
  const right = Math.max(a[0] + a[2], b[0] + b[2]);
  const bottom = Math.max(a[1] + a[3], b[1] + b[3]);
  return [left, top, right - left, bottom - top];
}
