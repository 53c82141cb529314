import type { Rectangle } from "../run/types.js";
import { axisIndex } from "./cellAxis.js";
import { hasArea, placedMap } from "./placedMap.js";
import { sheetLayers } from "./sheetLayers.js";

/**
 * The values that a picture with the map shows, for colour bars: of every cell that has an area, at its middle. Where
 * views of the picture lie on each other that is the mean of theirs, as `smooth` and `paintCells` draw it.
 */
export function drawnValues(values: Float32Array, cells: readonly Rectangle[]): Float32Array {
  const stacks = stacksOf(cells);
  if (stacks === null) return placedMap(values, cells).values;
  return Float32Array.from(stacks, (stack) => {
    const sum = stack.reduce((total, cell) => total + (values[cell] ?? 0), 0);
    return sum / stack.length;
  });
}

/** The largest size among the values that a picture shows: the end of a two-sided colour scale. */
export function drawnSize(values: Float32Array, cells: readonly Rectangle[]): number {
  return drawnValues(values, cells).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Every map of a run is drawn over the same cells. */
const KNOWN = new WeakMap<readonly Rectangle[], readonly (readonly number[])[] | null>();

/** Cells that lie on each other at the middle of each; null where none do, or they form no grids. */
function stacksOf(cells: readonly Rectangle[]): readonly (readonly number[])[] | null {
  const known = KNOWN.get(cells);
  if (known !== undefined) return known;
  const layers = sheetLayers(cells) ?? [];
  const stacks =
    layers.length < 2
      ? null
      : cells.filter(hasArea).map(([x, y, width, height]) =>
          layers.flatMap(({ across, down, columns, order }) => {
            const [column, row] = [lineAt(across, x + width / 2), lineAt(down, y + height / 2)];
            return column < 0 || row < 0 ? [] : [order[row * columns + column] ?? -1];
          }),
        );
  KNOWN.set(cells, stacks);
  return stacks;
}

/** The column or row at a place; -1 outside all of them. */
function lineAt(borders: readonly number[], place: number): number {
  const outside = place < (borders[0] ?? 0) || place >= (borders.at(-1) ?? 0);
  return outside ? -1 : axisIndex(borders, place);
}
