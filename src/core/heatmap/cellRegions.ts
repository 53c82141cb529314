import type { Rectangle } from "../run/types.js";

/** Cells that touch each other, and their strength (a map after min-max) [N]. */
export interface CellRegion {
  /** Indexes of its cells, the one it was grown from first. */
  readonly members: readonly number[];
  readonly cells: readonly Rectangle[];
  readonly strength: Float32Array;
}

const WORDS = [
  ["top left", "top", "top right"],
  ["left", "centre", "right"],
  ["bottom left", "bottom", "bottom right"],
];

/** The cells of `open` that hang together with `start`, itself included; they are taken out of `open`. */
export function growRegion(start: number, open: Set<number>, cells: readonly Rectangle[]): number[] {
  open.delete(start);
  const region = [start];
  for (const member of region)
    for (const candidate of open)
      if (touch(cells[member], cells[candidate])) {
        open.delete(candidate);
        region.push(candidate);
      }
  return region;
}

/** The cells of a map after min-max that have at least `least`. */
export function strongCells(strength: Float32Array, cells: readonly Rectangle[], least: number): Set<number> {
  const strong = new Set<number>();
  for (const [index, value] of strength.entries())
    if (value >= least && index < cells.length) strong.add(index);
  return strong;
}

/** The third of the picture, across and down, in which the region's centre of mass lies. */
export function placeWord(region: CellRegion, [left, top, width, height]: Rectangle): string {
  const [x, y] = centreOfMass(region);
  const third = (share: number): number => Math.min(2, Math.max(0, Math.floor(3 * share)));
  return WORDS[third((y - top) / height)]?.[third((x - left) / width)] ?? "centre";
}

/** The region's box in shares of the picture: left, top, width, height, 0 to 1. */
export function shareBox({ members, cells }: CellRegion, picture: Rectangle): Rectangle {
  const own = members.map((index) => cells[index] ?? ([0, 0, 0, 0] as const));
  const left = Math.min(...own.map(([x]) => x));
  const top = Math.min(...own.map(([, y]) => y));
  const right = Math.max(...own.map(([x, , width]) => x + width));
  const bottom = Math.max(...own.map(([, y, , height]) => y + height));
  const [x, y, width, height] = picture;
  return [(left - x) / width, (top - y) / height, (right - left) / width, (bottom - top) / height];
}

/** Cells touch when they share an edge or a corner, up to a gap of a tenth of a cell. */
function touch(a: Rectangle | undefined, b: Rectangle | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const gapX = Math.max(a[0], b[0]) - Math.min(a[0] + a[2], b[0] + b[2]);
  const gapY = Math.max(a[1], b[1]) - Math.min(a[1] + a[3], b[1] + b[3]);
  return gapX <= 0.1 * Math.min(a[2], b[2]) && gapY <= 0.1 * Math.min(a[3], b[3]);
}

function centreOfMass({ members, cells, strength }: CellRegion): [number, number] {
  let mass = 0;
  let sumX = 0;
  let sumY = 0;
  for (const index of members) {
    const [x, y, width, height] = cells[index] ?? [0, 0, 0, 0];
    const share = (strength[index] ?? 0) * width * height;
    mass += share;
    sumX += share * (x + width / 2);
    sumY += share * (y + height / 2);
  }
  return mass > 0 ? [sumX / mass, sumY / mass] : [0, 0];
}
