/**
 * Where objects go. The picture has 3 x 2 regions; the middle of an object stays at least 8 pixels away from every
 * border between two of them, so that "where" has one right answer.
 */

import type { Random } from "./random";
import { SCENE_SIZE, type Box, type Cell, type Column, type Row } from "./types";

export const COLUMNS: readonly Column[] = ["left", "middle", "right"];
export const ROWS: readonly Row[] = ["top", "bottom"];

/** Sizes in pixels; even, so that a middle lies on a pixel border. */
const SIZES: readonly number[] = [26, 28, 30, 32, 34, 36, 38];

/** Range of an object's middle along an axis. */
type Range = readonly [number, number];

const COLUMN_RANGES: Readonly<Record<Column, Range>> = {
  left: [0, 24],
  middle: [42, 54],
  right: [72, SCENE_SIZE],
};
const ROW_RANGES: Readonly<Record<Row, Range>> = { top: [0, 36], bottom: [60, SCENE_SIZE] };

export const ALL_CELLS: readonly Cell[] = COLUMNS.flatMap((column) => ROWS.map((row) => ({ row, column })));

export interface Place {
  readonly cell: Cell;
  readonly box: Box;
}

/** Order of the description: left to right, in a column top to bottom. */
export function readingOrder(a: Cell, b: Cell): number {
  const column = COLUMNS.indexOf(a.column) - COLUMNS.indexOf(b.column);
  return column !== 0 ? column : ROWS.indexOf(a.row) - ROWS.indexOf(b.row);
}

/** Places `count` square boxes in different regions, apart from each other, in reading order. */
export function placeObjects(count: number, random: Random): Place[] {
  for (;;) {
    const cells = random.shuffle(ALL_CELLS).slice(0, count);
    const places = cells.map((cell) => ({ cell, box: boxIn(cell, random) }));
    if (places.every((a, i) => places.slice(i + 1).every((b) => apart(a.box, b.box)))) {
      return places.sort((a, b) => readingOrder(a.cell, b.cell));
    }
  }
}

function boxIn(cell: Cell, random: Random): Box {
  const size = random.pick(SIZES);
  const start = (range: Range): number => {
    const low = Math.max(range[0], size / 2);
    const high = Math.min(range[1], SCENE_SIZE - size / 2);
    return random.integer(low, high) - size / 2;
  };
  return {
    x: start(COLUMN_RANGES[cell.column]),
    y: start(ROW_RANGES[cell.row]),
    width: size,
    height: size,
  };
}

function apart(a: Box, b: Box): boolean {
  return a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
}
