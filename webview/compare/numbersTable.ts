import { element } from "../components/element.js";
import * as l10n from "@vscode/l10n";
import type { CompareStore } from "./compareStore.js";

/** A table whose first column names its rows. */
export function numbersTable(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLTableElement {
  const heading = (scope: "col" | "row", text: string): HTMLElement =>
    element("th", { attributes: { scope } }, text);
  return element(
    "table.numbers",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...headings.map((text) => heading("col", text)))),
    element(
      "tbody",
      {},
      ...rows.map(([name = "", ...values]) =>
        element("tr", {}, heading("row", name), ...values.map((value) => element("td", {}, value))),
      ),
    ),
  );
}

/** A table that opens at a click, made only while it is open and again when the comparison changes. */
export function openTable(label: string, store: CompareStore, make: () => HTMLElement): HTMLDetailsElement {
  const scroll = element("div.table-scroll", {
    attributes: { tabindex: 0, role: "region", "aria-label": label },
  });
  const details = element("details", {}, element("summary", {}, l10n.t("As a table")), scroll);
  const draw = (): void => {
    if (details.open) scroll.replaceChildren(make());
  };
  details.addEventListener("toggle", draw);
  store.listen((changed) => {
    if (changed.has("comparison")) draw();
  });
  return details;
}
