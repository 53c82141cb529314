import type { Rectangle } from "../run/types.js";
import { minMax } from "./minMax.js";

/** Where a map is strongest. */
export interface Region {
  /** `top left`, `top`, `top right`, `left`, `centre`, `right`, `bottom left`, `bottom` or `bottom right`. */
  readonly word: string;
  /** The region's box in shares of the picture: left, top, width, height, 0 to 1. */
  readonly box: Rectangle;
}

const WORDS = [
  ["top left", "top", "top right"],
  ["left", "centre", "right"],
  ["bottom left", "bottom", "bottom right"],
];
/** A cell belongs to the region when it has this share of the strongest one (after min-max). */
const MEMBER_SHARE = 0.5;

/**
 * The region around the strongest cell: the cells next to each other, it included, of at least half its value. The
 * word is the third of the picture, across and down, in which the region's centre of mass lies.
 * @param values map [N]
 * @param imageRect the picture, in the cells' pixels
 * @returns null for a flat map, which is strongest nowhere
 */
export function regionWord(
  values: Float32Array,
  cells: readonly Rectangle[],
  imageRect: Rectangle,
): Region | null {
  const strength = minMax(values);
  const peak = strength.findIndex((value) => value === 1);
  if (peak < 0) return null;
  const region = regionAround(peak, strength, cells);
  const [left, top, width, height] = imageRect;
  const [x, y] = centreOfMass(region, strength, cells);
  const third = (share: number) => Math.min(2, Math.max(0, Math.floor(3 * share)));
  const word = WORDS[third((y - top) / height)]?.[third((x - left) / width)] ?? "centre";
  return { word, box: sharesOf(boundingBox(region, cells), imageRect) };
}

function regionAround(peak: number, strength: Float32Array, cells: readonly Rectangle[]): number[] {
  const open = new Set<number>();
  for (const [index, value] of strength.entries())
    if (value >= MEMBER_SHARE && index !== peak && index < cells.length) open.add(index);
  const region = [peak];
  for (const member of region)
    for (const candidate of open)
      if (touch(cells[member], cells[candidate])) {
        open.delete(candidate);
        region.push(candidate);
      }
  return region;
}

/** Cells touch when they share an edge or a corner, up to a gap of a tenth of a cell. */
function touch(a: Rectangle | undefined, b: Rectangle | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const gapX = Math.max(a[0], b[0]) - Math.min(a[0] + a[2], b[0] + b[2]);
  const gapY = Math.max(a[1], b[1]) - Math.min(a[1] + a[3], b[1] + b[3]);
  return gapX <= 0.1 * Math.min(a[2], b[2]) && gapY <= 0.1 * Math.min(a[3], b[3]);
}

function centreOfMass(
  region: readonly number[],
  strength: Float32Array,
  cells: readonly Rectangle[],
): [number, number] {
  let mass = 0;
  let sumX = 0;
  let sumY = 0;
  for (const index of region) {
    const [x, y, width, height] = cells[index] ?? [0, 0, 0, 0];
    const share = (strength[index] ?? 0) * width * height;
    mass += share;
    sumX += share * (x + width / 2);
    sumY += share * (y + height / 2);
  }
  return mass > 0 ? [sumX / mass, sumY / mass] : [0, 0];
}

function boundingBox(region: readonly number[], all: readonly Rectangle[]): Rectangle {
  const cells = all.filter((_, index) => region.includes(index));
  const left = Math.min(...cells.map(([x]) => x));
  const top = Math.min(...cells.map(([, y]) => y));
  const right = Math.max(...cells.map(([x, , width]) => x + width));
  const bottom = Math.max(...cells.map(([, y, , height]) => y + height));
  return [left, top, right - left, bottom - top];
}

function sharesOf(
  [x, y, width, height]: Rectangle,
  [left, top, fullWidth, fullHeight]: Rectangle,
): Rectangle {
  return [(x - left) / fullWidth, (y - top) / fullHeight, width / fullWidth, height / fullHeight];
}
