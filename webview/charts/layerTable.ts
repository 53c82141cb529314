import * as l10n from "@vscode/l10n";
import { formatNumber, formatShare } from "../../src/core/run/formatNumber.js";
import { element } from "../components/element.js";
import type { LayerPart } from "./layerBars.js";

/** The numbers of the layer chart as a table. */
export function layerTable(parts: readonly LayerPart[]): HTMLTableElement {
  const headings = [
    l10n.t("Layer"),
    l10n.t("Share"),
    l10n.t("Best S_img"),
    l10n.t("Best S_text"),
    l10n.t("Kept heads"),
  ];
  return element(
    "table.numbers",
    {},
    element("caption", {}, l10n.t("Share of the map, best scores and kept heads by layer")),
    element(
      "thead",
      {},
      element("tr", {}, ...headings.map((text) => element("th", { attributes: { scope: "col" } }, text))),
    ),
    element("tbody", {}, ...parts.map(drawRow)),
  );
}

function drawRow(part: LayerPart): HTMLElement {
  const numbers = [
    part.share === null ? "–" : formatShare(part.share),
    formatNumber(part.image),
    formatNumber(part.text),
    formatNumber(part.kept),
  ];
  return element(
    "tr",
    { attributes: { class: part.inRange ? undefined : "dropped" } },
    element("th", { attributes: { scope: "row" } }, `L${part.layer}`),
    ...numbers.map((text) => element("td", {}, text)),
  );
}
