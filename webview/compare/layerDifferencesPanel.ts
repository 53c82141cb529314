import * as l10n from "@vscode/l10n";
import { mostChanged, type LayerDifference } from "../../src/core/compare/compareSides.js";
import { drawLayerDifferenceBars } from "../charts/drawLayerDifferences.js";
import { layoutLayerDifferences } from "../charts/layerDifferences.js";
import { element } from "../components/element.js";
import { panel } from "../components/panel.js";
import { drawInFrame } from "../panel/drawing.js";
import type { CompareStore } from "./compareStore.js";
import { notComparableText } from "./notComparable.js";
import { numbersTable, openTable } from "./numbersTable.js";
import { pointsText, shareText } from "./shareText.js";
import { drawSideLegend } from "./sideLegend.js";

/** Each layer's share of both maps and their difference. */
export function drawLayerDifferencesPanel(store: CompareStore): HTMLElement {
  const room = element("div.chart-room");
  const readout = element("p.readout");
  const redraw = drawInFrame(room, (width) => {
    const { layers } = store.comparison;
    if (typeof layers === "string") {
      room.replaceChildren(element("p.note", {}, notComparableText(layers)));
      readout.textContent = "";
      return;
    }
    const said = describe(layers);
    room.replaceChildren(drawLayerDifferenceBars(layoutLayerDifferences(layers, Math.max(150, width)), said));
    readout.textContent = said;
  });
  store.listen((changed) => {
    if (changed.has("comparison")) redraw();
  });
  const table = openTable(l10n.t("The layers as a table"), store, () => layerTable(store));
  const root = panel(l10n.t("Layers"), [], room, readout, drawSideLegend(l10n.t("share of the map")), table);
  root.classList.add("layers");
  return root;
}

function describe(layers: readonly LayerDifference[]): string {
  const [first] = mostChanged(layers, 1);
  if (!first) return l10n.t("Every layer has the same share of both maps.");
  const { layer, a, b } = first;
  return l10n.t("L{0} changed most: from {1} of A's map to {2} of B's.", layer, shareText(a), shareText(b));
}

function layerTable({ comparison: { layers } }: CompareStore): HTMLElement {
  if (typeof layers === "string") return element("p.note", {}, notComparableText(layers));
  return numbersTable(
    l10n.t("Share of the map by layer"),
    [l10n.t("Layer"), "A", "B", l10n.t("B − A")],
    layers.map(({ layer, a, b }) => [`L${layer}`, shareText(a), shareText(b), pointsText(b - a)]),
  );
}
