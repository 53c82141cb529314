import type { Rectangle } from "../run/types.js";
import { growRegion, placeWord, shareBox, strongCells } from "./cellRegions.js";
import { minMax } from "./minMax.js";
import { placedMap } from "./placedMap.js";
import { MEMBER_SHARE, type Region } from "./regionWord.js";

/** A place where a map is strong. */
export interface TopRegion extends Region {
  /** Part of the map's sum that lies in its cells, 0 to 1. */
  readonly share: number;
}

/** Smaller ones say nothing, unless there is only one. */
const LEAST_SHARE = 0.02;

/**
 * The places where a map is strong, the one with most of the map first: cells of at least half the largest value
 * (after min-max), those that touch each other together.
 * @param map [N], values below 0 count as 0; cells without area are left out
 * @param imageRect the picture, in the cells' pixels
 * @returns at most `most`; none for a flat map
 */
export function topRegions(
  map: Float32Array,
  allCells: readonly Rectangle[],
  imageRect: Rectangle,
  most: number,
): TopRegion[] {
  const { values, cells } = placedMap(map, allCells);
  const positive = values.map((value) => Math.max(0, value));
  const strength = minMax(positive);
  const all = positive.reduce((sum, value) => sum + value, 0);
  const open = strongCells(strength, cells, MEMBER_SHARE);
  const regions: TopRegion[] = [];
  for (const start of open) {
    const members = growRegion(start, open, cells);
    const region = { members, cells, strength };
    const inside = members.reduce((sum, index) => sum + (positive[index] ?? 0), 0);
    const share = inside / all;
    regions.push({ word: placeWord(region, imageRect), box: shareBox(region, imageRect), share });
  }
  const largestFirst = regions.sort((a, b) => b.share - a.share).slice(0, most);
  return largestFirst.filter(({ share }, index) => index === 0 || share >= LEAST_SHARE);
}
