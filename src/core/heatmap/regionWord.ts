import type { Rectangle } from "../run/types.js";
import { growRegion, placeWord, shareBox, strongCells } from "./cellRegions.js";
import { minMax } from "./minMax.js";
import { placedMap } from "./placedMap.js";

/** Where a map is strongest. */
export interface Region {
  /** `top left`, `top`, `top right`, `left`, `centre`, `right`, `bottom left`, `bottom` or `bottom right`. */
  readonly word: string;
  /** The region's box in shares of the picture: left, top, width, height, 0 to 1. */
  readonly box: Rectangle;
}

/** A cell belongs to a region when it has this share of the strongest one (after min-max). */
export const MEMBER_SHARE = 0.5;

/**
 * The region around the strongest cell: the cells next to each other, it included, of at least half its value. The
 * word is the third of the picture, across and down, in which the region's centre of mass lies.
 * @param map [N]; cells without area are left out
 * @param imageRect the picture, in the cells' pixels
 * @returns null for a flat map, which is strongest nowhere
 */
export function regionWord(
  map: Float32Array,
  allCells: readonly Rectangle[],
  imageRect: Rectangle,
): Region | null {
  const { values, cells } = placedMap(map, allCells);
  const strength = minMax(values);
  const peak = strength.findIndex((value) => value === 1);
  if (peak < 0) return null;
  const members = growRegion(peak, strongCells(strength, cells, MEMBER_SHARE), cells);
  const region = { members, cells, strength };
  return { word: placeWord(region, imageRect), box: shareBox(region, imageRect) };
}
