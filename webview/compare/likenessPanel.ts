import * as l10n from "@vscode/l10n";
import { formatShare } from "../../src/core/run/formatNumber.js";
import { element } from "../components/element.js";
import { panel } from "../components/panel.js";
import { choiceName } from "./choiceName.js";
import type { CompareStore } from "./compareStore.js";

/** How alike the two maps are, in numbers with what they mean. */
export function drawLikeness(store: CompareStore): HTMLElement {
  const room = element("div", { attributes: { "aria-live": "polite" } });
  const draw = (): void => room.replaceChildren(...drawNumbers(store));
  store.listen((changed) => {
    if (changed.has("comparison")) draw();
  });
  draw();
  const root = panel(l10n.t("How alike"), [], room);
  root.classList.add("likeness");
  return root;
}

function drawNumbers({ comparison, data, state }: CompareStore): Node[] {
  const { map } = comparison;
  const names = [
    choiceName(data[0].info, state.choice[0]),
    choiceName(data[1].info, state.choice[1]),
  ] as const;
  const of = element("p.note", {}, names[0] === names[1] ? names[0] : l10n.t("{0} in A, {1} in B", ...names));
  if (map.similarity === null)
    return [of, element("p", {}, l10n.t("One of the maps is empty: there is nothing to compare."))];
  const { overlap, correlation, cosine } = map.similarity;
  const row = (name: string, value: string, meaning: string): Node[] => [
    element("dt", {}, name),
    element("dd", {}, element("strong", {}, value), element("span.note", {}, meaning)),
  ];
  return [
    of,
    element(
      "dl",
      {},
      ...row(
        l10n.t("Overlap"),
        formatShare(overlap),
        l10n.t("share of the one map that lies where the other does"),
      ),
      ...row(
        l10n.t("Correlation"),
        correlation === null ? "–" : correlation.toFixed(2).replace("-", "−"),
        correlation === null
          ? l10n.t("none: one map is the same everywhere")
          : l10n.t("of the cells; 1: the same pattern, 0: none in common"),
      ),
      ...row(l10n.t("Cosine"), cosine.toFixed(2), l10n.t("of the maps as vectors; 1: the same direction")),
    ),
    element("p.note", {}, gridText(map.grid)),
  ];
}

function gridText(grid: CompareStore["comparison"]["map"]["grid"]): string {
  const shares = l10n.t("Each map counts as shares of its own sum.");
  if (grid === "cells") return shares;
  const spread = l10n.t(
    "The pictures were cut into other cells: both maps are spread over a grid of {0} × {1}.",
    grid.columns,
    grid.rows,
  );
  return `${shares} ${spread}`;
}
