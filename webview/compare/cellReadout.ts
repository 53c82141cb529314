import * as l10n from "@vscode/l10n";
import { scaleCells } from "../../src/core/heatmap/scaleCells.js";
import type { Rectangle } from "../../src/core/run/types.js";
import { cellNamer } from "../panel/cellReadout.js";
import type { CompareStore } from "./compareStore.js";
import { pointsText, shareText } from "./shareText.js";

/** The smallest cell that holds a point, both in shares of the picture; null beside all of them. */
export function cellAt(cells: readonly Rectangle[], x: number, y: number): number | null {
  let found: number | null = null;
  let least = Infinity;
  cells.forEach(([left, top, width, height], index) => {
    const holds = x >= left && x < left + width && y >= top && y < top + height;
    if (!holds || width * height >= least) return;
    least = width * height;
    found = index;
  });
  return found;
}

/** Where the cell pointed at is, and its share of both maps. */
export function describeCell(store: CompareStore): string {
  const { cell } = store.state;
  if (cell === null) return l10n.t("Point at a picture to read its cells.");
  const { a, b, difference, cells } = store.comparison.map;
  const { width, height } = store.data[0].info.image;
  const name = cellNamer({ cells: scaleCells(cells, width, height) })(cell);
  const values = [a[cell] ?? 0, b[cell] ?? 0].map(shareText);
  return l10n.t("{0}: A {1}, B {2}, difference {3}", name, ...values, pointsText(difference[cell] ?? 0));
}
