import * as l10n from "@vscode/l10n";
import { hasArea } from "../../src/core/heatmap/placedMap.js";
import { formatNumber } from "../../src/core/run/formatNumber.js";
import { tokenLabel } from "../../src/core/run/tokenLabel.js";
import type { Rectangle } from "../../src/core/run/types.js";
import { cellsBelow } from "./cellPlaces.js";
import { cellViews, type NamedCells } from "./cellViews.js";
import { lookingTokens } from "./lookingTokens.js";
import { presentMap } from "./presentMap.js";
import type { Store } from "./store.js";

/** Names the cells of a run: by view, row and column where they form grids, else by their box in pixels. */
export function cellNamer(info: NamedCells): (cell: number) => string {
  const places = new Map<number, string>();
  for (const { name, columns, order } of cellViews(info) ?? [])
    for (const [place, cell] of order.entries()) {
      const words = l10n.t("row {0}, column {1}", Math.floor(place / columns) + 1, (place % columns) + 1);
      places.set(cell, name === null ? words : `${name}, ${words}`);
    }
  return (cell) => places.get(cell) ?? boxName(info.cells[cell]);
}

function boxName(cell: Rectangle = [0, 0, 0, 0]): string {
  if (!hasArea(cell)) return l10n.t("no place in the picture");
  const [x, y, width, height] = cell.map(Math.round);
  return l10n.t("x {0} y {1}, {2} x {3} pixels", x ?? 0, y ?? 0, width ?? 0, height ?? 0);
}

/**
 * The read-out of the cell pointed at: where it is, its value, the tokens that look there most, and the values of
 * other views of the same place; "" without a cell.
 */
export function describeCell(store: Store, name: (cell: number) => string): string {
  const { cell } = store.state;
  if (cell < 0) return "";
  const { info } = store.data;
  const { values } = presentMap(store);
  const value = (index: number): string => formatNumber(values[index] ?? 0);
  const tokens = lookingTokens(store, cell).map((token) => tokenLabel(info.tokens[token]?.text ?? ""));
  const own =
    tokens.length === 0
      ? l10n.t("{0}: {1}, no token looks here", name(cell), value(cell))
      : l10n.t("{0}: {1}, most for {2}", name(cell), value(cell), tokens.join(", "));
  const others = cellsBelow(info.cells, cell).map((index) => `${name(index)}: ${value(index)}`);
  return [own, ...others].join(" · ");
}
