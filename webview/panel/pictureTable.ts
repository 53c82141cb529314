import * as l10n from "@vscode/l10n";
import { hasArea } from "../../src/core/heatmap/placedMap.js";
import { formatNumber } from "../../src/core/run/formatNumber.js";
import type { RunInfo } from "../../src/core/run/types.js";
import { element } from "../components/element.js";
import { cellNamer } from "./cellReadout.js";
import { cellViews, type CellView } from "./cellViews.js";
import { touches } from "./imageView.js";
import { pinnedMap } from "./presentMap.js";
import type { Store } from "./store.js";

/** Cells listed of maps that are no grids. */
const MOST_CELLS = 50;

/** The map of what is pinned as a table, built only while it is open: the grids themselves, or the strongest cells. */
export function drawPictureTable(store: Store): HTMLElement {
  const scroll = element("div.table-scroll", {
    attributes: { tabindex: 0, role: "region", "aria-label": l10n.t("The map as a table") },
  });
  const details = element("details", {}, element("summary", {}, l10n.t("As a table")), scroll);
  let asked = false;
  const draw = (): void => {
    asked = false;
    if (details.open) scroll.replaceChildren(...mapTables(store));
  };
  details.addEventListener("toggle", draw);
  const names = ["selected", "pinnedHead", "attribution", "shownHeads", "signed"] as const;
  store.listen((changed) => {
    if (asked || !details.open || !touches(changed, names)) return;
    asked = true;
    requestAnimationFrame(draw);
  });
  return details;
}

function mapTables(store: Store): HTMLTableElement[] {
  const { values, title } = pinnedMap(store);
  const { info } = store.data;
  const views = cellViews(info);
  if (views === null) return [topTable(values, info, title)];
  return views.map((view) => gridTable(values, view, title));
}

/** The corner says which view the numbers are of: captions are for screen readers only. */
function gridTable(values: Float32Array, grid: CellView, title: string): HTMLTableElement {
  const columns = Array.from({ length: grid.columns }, (_, column) => column);
  const rows = Array.from({ length: grid.rows }, (_, row) =>
    element(
      "tr",
      {},
      heading("row", l10n.t("row {0}", row + 1)),
      ...columns.map((column) =>
        element("td", {}, formatNumber(values[grid.order[row * grid.columns + column] ?? -1] ?? 0)),
      ),
    ),
  );
  return element(
    "table.numbers",
    {},
    element("caption", {}, grid.name === null ? title : `${title}: ${grid.name}`),
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        element("td", {}, grid.name ?? ""),
        ...columns.map((column) => heading("col", String(column + 1))),
      ),
    ),
    element("tbody", {}, ...rows),
  );
}

function topTable(values: Float32Array, info: RunInfo, title: string): HTMLTableElement {
  const name = cellNamer(info);
  const top = Array.from(values, (value, cell) => ({ value, cell }))
    .filter(({ cell }) => hasArea(info.cells[cell] ?? [0, 0, 0, 0]))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, MOST_CELLS);
  return element(
    "table.numbers",
    {},
    element("caption", {}, l10n.t("{0}: the {1} strongest cells", title, top.length)),
    element("thead", {}, element("tr", {}, heading("col", l10n.t("Cell")), heading("col", l10n.t("Value")))),
    element(
      "tbody",
      {},
      ...top.map(({ value, cell }) =>
        element("tr", {}, heading("row", name(cell)), element("td", {}, formatNumber(value))),
      ),
    ),
  );
}

function heading(scope: "row" | "col", text: string): HTMLElement {
  return element("th", { attributes: { scope } }, text);
}
