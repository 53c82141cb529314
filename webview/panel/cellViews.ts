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

function viewName({ length }: readonly GridLayer[], index: number): string | null {
  if (length === 1) return null;
  if (index === 0) return l10n.t("tiles");
  return index === length - 1 ? l10n.t("whole view") : l10n.t("view {0}", index + 1);
}
