import * as l10n from "@vscode/l10n";
import { regularGrid } from "../../src/core/heatmap/regularGrid.js";
import { formatNumber } from "../../src/core/run/formatNumber.js";
import { tokenLabel } from "../../src/core/run/tokenLabel.js";
import type { RunInfo } from "../../src/core/run/types.js";
import { lookingTokens } from "./lookingTokens.js";
import { presentMap } from "./presentMap.js";
import type { Store } from "./store.js";

/** Names the cells of a run: by row and column where they form a grid, else by their box in pixels. */
export function cellNamer({ cells }: Pick<RunInfo, "cells">): (cell: number) => string {
  const grid = regularGrid(cells);
  if (!grid)
    return (cell) => {
      const [x, y, width, height] = (cells[cell] ?? [0, 0, 0, 0]).map(Math.round);
      return l10n.t("x {0} y {1}, {2} x {3} pixels", x ?? 0, y ?? 0, width ?? 0, height ?? 0);
    };
  const places = new Map(Array.from(grid.order, (cell, place) => [cell, place]));
  return (cell) => {
    const place = places.get(cell) ?? 0;
    return l10n.t("row {0}, column {1}", Math.floor(place / grid.columns) + 1, (place % grid.columns) + 1);
  };
}

/** The read-out of the cell pointed at: where it is, its value, and the tokens that look there most; "" without one. */
export function describeCell(store: Store, name: (cell: number) => string): string {
  const { cell } = store.state;
  if (cell < 0) return "";
  const { info } = store.data;
  const value = formatNumber(presentMap(store).values[cell] ?? 0);
  const tokens = lookingTokens(store, cell).map((token) => tokenLabel(info.tokens[token]?.text ?? ""));
  if (tokens.length === 0) return l10n.t("{0}: {1}, no token looks here", name(cell), value);
  return l10n.t("{0}: {1}, most for {2}", name(cell), value, tokens.join(", "));
}
