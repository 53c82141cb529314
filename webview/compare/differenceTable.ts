import * as l10n from "@vscode/l10n";
import { scaleCells } from "../../src/core/heatmap/scaleCells.js";
import { cellNamer } from "../panel/cellReadout.js";
import type { CompareStore } from "./compareStore.js";
import { numbersTable, openTable } from "./numbersTable.js";
import { pointsText, shareText } from "./shareText.js";

/** Cells listed: those that differ most. */
const MOST_CELLS = 50;

/** The cells that differ most, as a table that is made while it is open. */
export function drawDifferenceTable(store: CompareStore): HTMLElement {
  return openTable(l10n.t("The maps as a table"), store, () => {
    const { a, b, difference, cells } = store.comparison.map;
    const { width, height } = store.data[0].info.image;
    const name = cellNamer({ cells: scaleCells(cells, width, height) });
    const top = Array.from(difference, (value, cell) => ({ value, cell }))
      .sort((x, y) => Math.abs(y.value) - Math.abs(x.value))
      .slice(0, MOST_CELLS);
    return numbersTable(
      l10n.t("The {0} cells that differ most, as shares of each map", top.length),
      [l10n.t("Cell"), "A", "B", l10n.t("B − A")],
      top.map(({ value, cell }) => [
        name(cell),
        shareText(a[cell] ?? 0),
        shareText(b[cell] ?? 0),
        pointsText(value),
      ]),
    );
  });
}
