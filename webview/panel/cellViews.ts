import * as l10n from "@vscode/l10n";
import { gridLayers, type GridLayer } from "../../src/core/heatmap/gridLayers.js";
import type { Rectangle, RunInfo } from "../../src/core/run/types.js";

/** The cells of one view of a picture: all its tiles, or the picture as a whole. */
export interface CellView {
  /** Says which view of which picture; null where there is only one. */
  readonly name: string | null;
  readonly columns: number;
  readonly rows: number;
  /** Index of the cell at row * columns + column. */
  readonly order: readonly number[];
}

/** What cells are named by: those of a prompt with several pictures belong to one after another. */
export type NamedCells = Pick<RunInfo, "cells" | "images">;

/** The views that the cells of a run form, the finest of each picture first; null when they form no grids. */
export function cellViews({ cells, images }: NamedCells): readonly CellView[] | null {
  if (!images) return viewsOf(cells, 0, null);
  const views: CellView[] = [];
  let first = 0;
  for (const [index, { tokens }] of images.entries()) {
    const own = viewsOf(cells.slice(first, first + tokens), first, l10n.t("picture {0}", index + 1));
    if (own === null) return null;
    views.push(...own);
    first += tokens;
  }
  return views;
}

function viewsOf(cells: readonly Rectangle[], first: number, picture: string | null): CellView[] | null {
  const layers = gridLayers(cells);
  if (layers === null) return null;
  return layers.map(({ columns, rows, order }, index) => ({
    name: [picture, viewName(layers, index)].filter((part) => part !== null).join(", ") || null,
    columns,
    rows,
    order: Array.from(order, (cell) => first + cell),
  }));
}

function viewName(layers: readonly GridLayer[], index: number): string | null {
  const last = layers.at(-1);
  if (layers.length === 1) return null;
  const onEachOther = layers.every((layer) => last !== undefined && covers(last, layer));
  if (onEachOther && index === 0) return l10n.t("tiles");
  if (onEachOther && index === layers.length - 1) return l10n.t("whole view");
  return l10n.t("view {0}", index + 1);
}

function covers(whole: GridLayer, part: GridLayer): boolean {
  return coversAxis(whole.across, part.across) && coversAxis(whole.down, part.down);
}

/** Views of one picture end within a cell of each other: each is rounded to cells of its own. */
function coversAxis(whole: readonly number[], part: readonly number[]): boolean {
  const [from, to] = [whole[0] ?? 0, whole.at(-1) ?? 0];
  const room = (to - from) / Math.max(1, whole.length - 1);
  return (part[0] ?? 0) >= from - room && (part.at(-1) ?? 0) <= to + room;
}
