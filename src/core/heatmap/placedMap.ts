import type { Rectangle } from "../run/types.js";

/** A map and its cells. */
export interface PlacedMap {
  /** [N] */
  readonly values: Float32Array;
  readonly cells: readonly Rectangle[];
}

/** A map without its cells that have no area, which are nowhere in the picture: padding, or a mean of all patches. */
export function placedMap(values: Float32Array, cells: readonly Rectangle[]): PlacedMap {
  if (cells.every(hasArea)) return { values, cells };
  return {
    values: values.filter((_, index) => hasArea(cells[index] ?? [0, 0, 0, 0])),
    cells: cells.filter(hasArea),
  };
}

/** False for a cell that is nowhere in the picture. */
export function hasArea([, , width, height]: Rectangle): boolean {
  return width > 0 && height > 0;
}
