import { placedMap } from "../heatmap/placedMap.js";
import type { Rectangle } from "../run/types.js";
import { commonGrid, resample, sharesOfPicture } from "./resample.js";
import { similarity, type Similarity } from "./similarity.js";

/** A map [N] where it lies on its picture. */
export interface PlacedMap {
  /** Not negative. */
  readonly values: Float32Array;
  /** One rectangle per value, in pixels of the picture. */
  readonly cells: readonly Rectangle[];
  readonly image: { readonly width: number; readonly height: number };
}

/** Two maps on the same cells, each as shares of its own sum, and B minus A. */
export interface MapDifference {
  /** In shares of the picture: left, top, width, height, 0 to 1. */
  readonly cells: readonly Rectangle[];
  /** Share of A's map in each cell; they sum to 1, or are all 0 where the map is empty. */
  readonly a: Float32Array;
  readonly b: Float32Array;
  /** b - a: above 0 where B looks more. */
  readonly difference: Float32Array;
  /** The largest size in `difference`: the end of both sides of its colour scale. */
  readonly most: number;
  /** `cells`: both models cut the picture alike; otherwise both maps are spread over a grid of this size. */
  readonly grid: "cells" | { readonly columns: number; readonly rows: number };
  /** Null when one of the maps is empty. */
  readonly similarity: Similarity | null;
}

/**
 * How two maps differ. Each counts as shares of its own sum: what is compared is where a model looks, not how large
 * its gradients are. Places are shares of the picture, so pictures of other sizes can be compared; where the cells
 * differ, both maps are spread evenly over their cells and summed up again in the finer grid of the two. Cells without
 * area are nowhere in the picture, and left out.
 */
export function differenceMap(mapA: PlacedMap, mapB: PlacedMap): MapDifference {
  const a = { ...mapA, ...placedMap(mapA.values, mapA.cells) };
  const b = { ...mapB, ...placedMap(mapB.values, mapB.cells) };
  const [cellsA, cellsB] = [sharesOfPicture(a), sharesOfPicture(b)];
  if (sameCells(cellsA, cellsB)) return difference(cellsA, a.values, b.values, "cells");
  const grid = commonGrid(cellsA, cellsB);
  return difference(grid.cells, resample(a.values, cellsA, grid), resample(b.values, cellsB, grid), {
    columns: grid.columns,
    rows: grid.rows,
  });
}

function difference(
  cells: readonly Rectangle[],
  valuesA: Float32Array,
  valuesB: Float32Array,
  grid: MapDifference["grid"],
): MapDifference {
  const [a, b] = [sharesOfSum(valuesA), sharesOfSum(valuesB)];
  const values = a.map((share, cell) => (b[cell] ?? 0) - share);
  const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return { cells, a, b, difference: values, most, grid, similarity: similarity(a, b) };
}

/** Values over their sum; all 0 for an empty map. */
function sharesOfSum(values: Float32Array): Float32Array {
  const sum = values.reduce((total, value) => total + Math.max(0, value), 0);
  return values.map((value) => (sum > 0 ? Math.max(0, value) / sum : 0));
}

/** Shares of the picture that count as the same place: rounded sizes differ by less than that. */
const TOLERANCE = 1e-4;

function sameCells(a: readonly Rectangle[], b: readonly Rectangle[]): boolean {
  return (
    a.length === b.length &&
    a.every((cell, index) =>
      cell.every((value, axis) => Math.abs(value - (b[index]?.[axis] ?? NaN)) < TOLERANCE),
    )
  );
}
