import * as l10n from "@vscode/l10n";
import { element } from "../components/element.js";
import { tabs, type Tab, type Tabs } from "../components/tabs.js";
import type { InspectorTab, Store } from "./store.js";

/** From this width on everything is side by side; the same number stands in styles/adapt.css. */
const WIDE = "(min-width: 900px)";

/** The parts of the inspector: below one another where there is room, else tabs. */
export function drawInspector(store: Store, parts: readonly Tab<InspectorTab>[]): HTMLElement {
  const root = element("div.inspector");
  const wide = window.matchMedia(WIDE);
  let row: Tabs<InspectorTab> | null = null;
  const arrange = (): void => {
    if (wide.matches) return root.replaceChildren(...parts.map(({ content }) => content));
    row = tabs(l10n.t("Inspector"), parts, store.state.tab, (tab) => store.set({ tab }));
    root.replaceChildren(row.root);
  };
  // A word leads to its heads and a head to its words.
  store.listen((changed) => {
    if (changed.has("tab")) row?.set(store.state.tab);
  });
  wide.addEventListener("change", arrange);
  arrange();
  return root;
}
