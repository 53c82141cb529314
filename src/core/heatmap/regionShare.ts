import type { Rectangle } from "../run/types.js";

/**
 * Share of a map's mass that lies in a region, 0 to 1: every cell counts with the part of its area inside. A flat map
 * gives what chance would; a map without positive values gives 0. Cells that lie on each other (tiles and a global
 * view) count each by itself, with its own value and area: they are different tokens of the model, and a place that
 * both see is looked at twice.
 * @param values map [N], values below 0 count as 0
 * @param region in the cells' pixels
 */
export function regionShare(
  values: ArrayLike<number>,
  cells: readonly Rectangle[],
  region: Rectangle,
): number {
  let inside = 0;
  let all = 0;
  cells.forEach((cell, index) => {
    const value = Math.max(0, values[index] ?? 0);
    all += value;
    inside += value * partInside(cell, region);
  });
  return all > 0 ? inside / all : 0;
}

/** Which part of a cell's area lies inside a region, 0 to 1. */
function partInside([x, y, width, height]: Rectangle, region: Rectangle): number {
  const [left, top, regionWidth, regionHeight] = region;
  const across = Math.min(x + width, left + regionWidth) - Math.max(x, left);
  const down = Math.min(y + height, top + regionHeight) - Math.max(y, top);
  return across > 0 && down > 0 ? (across * down) / (width * height) : 0;
}
