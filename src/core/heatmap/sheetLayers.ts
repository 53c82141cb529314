import type { Rectangle } from "../run/types.js";
import { gridLayers, type GridLayer } from "./gridLayers.js";
import { hasArea } from "./placedMap.js";

/** Share of a cell that may lie empty between two of one grid: rectangles come from rounded resizes. */
const TOLERANCE = 0.02;
const NOWHERE: Rectangle = [0, 0, 0, 0];

/**
 * The grids that cells form which are drawn together, those of several pictures on one sheet among them; null when
 * some form none. Cells without area belong to no grid.
 */
export function sheetLayers(cells: readonly Rectangle[]): readonly GridLayer[] | null {
  const known = KNOWN.get(cells);
  if (known !== undefined) return known;
  const layers = gridLayers(cells) ?? layersApart(cells);
  KNOWN.set(cells, layers);
  return layers;
}

/** Every map of a run is drawn over the same cells. */
const KNOWN = new WeakMap<readonly Rectangle[], readonly GridLayer[] | null>();

/** The grids of each picture by itself. */
function layersApart(cells: readonly Rectangle[]): readonly GridLayer[] | null {
  const placed = [...cells.keys()].filter((index) => hasArea(cells[index] ?? NOWHERE));
  const layers: GridLayer[] = [];
  for (const part of cutApart(placed, cells)) {
    const own = gridLayers(part.map((index) => cells[index] ?? NOWHERE));
    if (own === null) return null;
    layers.push(...own.map((layer) => ({ ...layer, order: layer.order.map((at) => part[at] ?? -1) })));
  }
  return layers.length === 0 ? null : layers;
}

/** Cells of pictures that lie beside each other, picture by picture: cut where a strip right through is empty. */
function cutApart(indexes: readonly number[], cells: readonly Rectangle[]): readonly (readonly number[])[] {
  for (const axis of [0, 1] as const) {
    const strips = stripsOf(indexes, cells, axis);
    if (strips.length > 1) return strips.flatMap((strip) => cutApart(strip, cells));
  }
  return [indexes];
}

function stripsOf(indexes: readonly number[], cells: readonly Rectangle[], axis: 0 | 1): number[][] {
  const spans = indexes.map((index) => {
    const cell = cells[index] ?? NOWHERE;
    return { index, from: cell[axis], size: cell[axis + 2] ?? 0 };
  });
  const strips: number[][] = [];
  let end = -Infinity;
  for (const { index, from, size } of spans.sort((a, b) => a.from - b.from)) {
    const last = strips.at(-1);
    if (last && from <= end + TOLERANCE * size) last.push(index);
    else strips.push([index]);
    end = Math.max(end, from + size);
  }
  return strips;
}
