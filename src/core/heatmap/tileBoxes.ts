import type { Rectangle } from "../run/types.js";
import { hasArea } from "./placedMap.js";

/** Share of a rectangle that an edge may be off by: rectangles come from rounded resizes. */
const TOLERANCE = 0.02;

/**
 * The tiles that a model cut the picture into: runs of cells, in the order of the sequence, that fill
 * rows from left to right and the rows from top to bottom; each box once. One box when it took the picture whole.
 * Cells without area are in no tile.
 */
export function tileBoxes(cells: readonly Rectangle[]): Rectangle[] {
  const tiles: Tile[] = [];
  for (const cell of cells) {
    if (!hasArea(cell)) continue;
    const tile = tiles.at(-1);
    if (tile && continues(tile, cell)) {
      tile.box = boxAround(tile.box, cell);
      tile.previous = cell;
    } else tiles.push({ box: cell, first: cell, previous: cell });
  }
  const boxes = tiles.map(({ box }) => box);
  return boxes.filter((box, index) => !boxes.slice(0, index).some((earlier) => isSame(earlier, box)));
}

interface Tile {
  box: Rectangle;
  readonly first: Rectangle;
  previous: Rectangle;
}

function isSame(a: Rectangle, b: Rectangle): boolean {
  const size = Math.max(b[2], b[3]);
  return a.every((value, index) => Math.abs(value - (b[index] ?? 0)) <= 0.001 * size);
}

/** Cells at the picture's border may be cut off: in a row they keep their height, from row to row their width. */
function continues({ box, first, previous }: Tile, cell: Rectangle): boolean {
  const near = (a: number, b: number, size: number): boolean => Math.abs(a - b) <= TOLERANCE * size;
  const [x, y, width, height] = cell;
  const beside = near(x, previous[0] + previous[2], width) && near(y, previous[1], height);
  const sameRow = beside && near(height, previous[3], height);
  const below = near(x, box[0], width) && near(y, previous[1] + previous[3], height);
  const nextRow = below && near(width, first[2], width);
  // The first row decides how wide a tile is: a longer one belongs to its neighbour.
  const firstRow = near(previous[1], box[1], height);
  return nextRow || (sameRow && (firstRow || x + width <= box[0] + box[2] + TOLERANCE * width));
}

/** The smallest rectangle around two. */
export function boxAround(a: Rectangle, b: Rectangle): Rectangle {
  const left = Math.min(a[0], b[0]);
  const top = Math.min(a[1], b[1]);
  const right = Math.max(a[0] + a[2], b[0] + b[2]);
  const bottom = Math.max(a[1] + a[3], b[1] + b[3]);
  return [left, top, right - left, bottom - top];
}
