import * as l10n from "@vscode/l10n";
import { positionLabel } from "../../src/core/run/textWinner.js";
import { countRows, type FilterShow } from "../charts/filterTable.js";
import { button } from "../components/button.js";
import { element } from "../components/element.js";
import { panel } from "../components/panel.js";
import { segments } from "../components/segments.js";
import { textField } from "../components/textField.js";
import { canChangeFilter } from "./canChangeFilter.js";
import { drawInFrame } from "./drawing.js";
import { drawFilterList, type FilterList } from "./filterList.js";
import { drawSettings } from "./filterSettings.js";
import { freeHeads } from "./overrides.js";
import type { PageState, Store } from "./store.js";

const REDRAWN_BY = ["data", "attribution", "settings", "selected", "table", "pinnedHead", "whatIf"] as const;

/** The head filter: its settings, the decision about every head of the pinned token, and what is forced by hand. */
export function drawFilterPanel(store: Store): HTMLElement {
  const list = drawFilterList(store);
  const count = element("p.readout", { attributes: { "aria-live": "polite" } });
  const chips = element("div.filter-chips");
  const setTable = (change: Partial<PageState["table"]>): void =>
    store.set({ table: { ...store.state.table, ...change } });
  let pinned = store.state.pinnedHead;
  const redraw = drawInFrame(list.root, (width) => {
    const { pinnedHead } = store.state;
    list.draw(width);
    if (pinnedHead && pinnedHead !== pinned) list.reveal(pinnedHead);
    pinned = pinnedHead;
    count.textContent = describeCounts(store, list);
    chips.replaceChildren(...drawChips(store, () => setTable({ winner: null })));
  });
  store.listen((changed) => {
    if (REDRAWN_BY.some((name) => changed.has(name))) redraw();
  });
  const show = segments<FilterShow>(
    l10n.t("Rows"),
    [
      { value: "all", text: l10n.t("All") },
      { value: "kept", text: l10n.t("Kept") },
      { value: "dropped", text: l10n.t("Dropped") },
      { value: "forced", text: l10n.t("By hand"), title: l10n.t("Heads kept or dropped by hand") },
    ],
    store.state.table.show,
    (value) => setTable({ show: value }),
  );
  const search = textField(
    "",
    { value: store.state.table.search, placeholder: l10n.t("Find L3, H4, a word") },
    (text) => setTable({ search: text }),
  );
  search.setAttribute("aria-label", l10n.t("Find a head or word"));
  search.classList.add("search");
  const tools = element("div.filter-tools", {}, show.root, search);
  const root = panel(l10n.t("Head filter"), [], drawSettings(store), tools, chips, count, list.root);
  root.classList.add("filter-panel", "wide");
  return root;
}

function describeCounts(store: Store, list: FilterList): string {
  const { rows, shown } = list.counted();
  const { kept, total } = countRows(rows);
  const counts =
    store.state.selected === null
      ? l10n.t("{0} of {1} heads kept in at least one token of the answer", kept, total)
      : l10n.t("{0} of {1} heads kept for this token", kept, total);
  return shown === total ? counts : `${counts} · ${l10n.t("{0} shown", shown)}`;
}

/** What limits the table to one word's heads, and the heads that are decided by hand: each with its way back. */
function drawChips(store: Store, showAll: () => void): Node[] {
  const { table, settings } = store.state;
  const chips: Node[] = [];
  if (table.winner !== null) {
    const word = positionLabel(store.data.info, table.winner);
    chips.push(
      element("span", {}, l10n.t("Only heads that «{0}» won", word)),
      button(l10n.t("Show all heads"), {}, showAll),
    );
  }
  const forced = settings.overrides.length;
  if (forced > 0) {
    const text =
      forced === 1 ? l10n.t("1 head decided by hand") : l10n.t("{0} heads decided by hand", forced);
    const free = button(l10n.t("Let the filter decide"), {}, () =>
      store.set({ settings: freeHeads(store.state.settings) }),
    );
    chips.push(element("span", {}, text), ...(canChangeFilter(store) ? [free] : []));
  }
  return chips;
}
