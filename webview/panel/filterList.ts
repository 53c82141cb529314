import * as l10n from "@vscode/l10n";
import { drawFilterRow, drawHeadings, headName, type FilterTableEvents } from "../charts/drawFilterTable.js";
import { layoutFilterTable, nextOrder } from "../charts/filterTable.js";
import type { FilterRow } from "../charts/headDecision.js";
import { RowWindow } from "../charts/rowWindow.js";
import { element } from "../components/element.js";
import { canChangeFilter } from "./canChangeFilter.js";
import { filterRows, headsWonBy } from "./filterRows.js";
import { togglePin } from "./headsPanel.js";
import { listenToRows } from "./listenToRows.js";
import { forceHead } from "./overrides.js";
import type { HeadPlace } from "./selection.js";
import { pinnedSubject, type Store } from "./store.js";

/** The table of heads. */
export interface FilterList {
  readonly root: HTMLElement;
  /** Works the rows out anew and draws those in sight. @param width of the list in pixels */
  draw(width: number): void;
  /** Brings a head's row into sight, where it is among those shown. */
  reveal(place: HeadPlace): void;
  /** Rows as last worked out, and how many of them are shown. */
  counted(): { readonly rows: readonly FilterRow[]; readonly shown: number };
}

/** From this width on a row is one line. */
const WIDE = 520;

/** A table of every head of the layer range, of which only the rows in sight are in the document. */
export function drawFilterList(store: Store): FilterList {
  const events = listEvents(store);
  const headings = element("div", { attributes: { role: "rowgroup", class: "heading-group" } });
  const grid = element("div.filter-grid", { attributes: { role: "grid", "aria-label": l10n.t("Heads") } });
  const root = element("div.table-scroll.filter", {}, grid);
  let rows: readonly FilterRow[] = [];
  let order: readonly number[] = [];
  let active: number | null = null;
  let orderedBy = "";
  const list = new RowWindow(root, {
    draw: (key, index) => drawRowOf(store, rows[key], { index, active: key === active }, events),
    describe: (key) => describeRow(store, rows[key], key === active),
    stays: () => (grid.contains(document.activeElement) ? active : null),
  });
  let drawnHeadings = "";
  grid.append(headings, list.root);
  const draw = (width: number): void => {
    rows = filterRows(pinnedSubject(store));
    const key = orderKey(store);
    if (key !== orderedBy) {
      order = orderRows(store, rows);
      if (!order.includes(active ?? -1)) active = order[0] ?? null;
    }
    const refocus = focusedPart(grid);
    const wide = width >= WIDE;
    setKind(grid, store, wide, order.length);
    const sorted = JSON.stringify(store.state.table);
    if (sorted !== drawnHeadings) headings.replaceChildren(drawHeadings(store.state.table, events.sort));
    drawnHeadings = sorted;
    list.show(order, wide ? 26 : 44);
    if (key !== orderedBy) list.scrollToTop();
    orderedBy = key;
    refocus?.();
  };
  const setActive = (key: number): void => {
    if (key === active) return;
    if (active !== null) setTabbable(list.rowOf(active), -1);
    active = key;
    setTabbable(list.rowOf(key), 0);
  };
  listenToRows(grid, store, {
    move(from, by) {
      const place = order.indexOf(from);
      const next = order[Math.min(order.length - 1, Math.max(0, place + by))];
      if (place < 0 || next === undefined) return null;
      setActive(next);
      list.reveal(next);
      return list.rowOf(next) ?? null;
    },
    setActive,
    keyOf: (row) => rows.findIndex((each) => headName(each) === row.dataset["head"]),
    row: (key) => rows[key],
  });
  const reveal = (place: HeadPlace): void =>
    list.reveal(rows.findIndex((row) => row.layer === place.layer && row.head === place.head));
  return { root, draw, reveal, counted: () => ({ rows, shown: order.length }) };
}

/** What decides which columns there are. */
function setKind(grid: HTMLElement, store: Store, wide: boolean, rows: number): void {
  grid.setAttribute("aria-rowcount", String(rows + 1));
  grid.classList.toggle("wide", wide);
  grid.classList.toggle("fixed", !canChangeFilter(store));
  grid.classList.toggle("whole", store.state.selected === null);
}

function listEvents(store: Store): FilterTableEvents {
  return {
    sort: (column) => store.set({ table: { ...store.state.table, ...nextOrder(store.state.table, column) } }),
    pin: (row) => togglePin(store, row),
    showWord: (position) => store.set({ position, tab: "prompt" }),
    force: (row, decision) => store.set({ settings: forceHead(store.state.settings, row, decision) }),
  };
}

function drawRowOf(
  store: Store,
  row: FilterRow | undefined,
  place: { readonly index: number; readonly active: boolean },
  events: FilterTableEvents,
): HTMLElement {
  if (!row) throw new RangeError("the table has no such row");
  const pinned = isPinned(store, row);
  return drawFilterRow(row, { ...place, pinned, canForce: canChangeFilter(store) }, events);
}

/** All that a drawn row shows. */
function describeRow(store: Store, row: FilterRow | undefined, active: boolean): string {
  return JSON.stringify([row, active, row && isPinned(store, row), canChangeFilter(store)]);
}

function isPinned({ state: { pinnedHead } }: Store, { layer, head }: FilterRow): boolean {
  return pinnedHead?.layer === layer && pinnedHead.head === head;
}

/** What the order follows. Not decisions by hand: a row must not run away from the pointer that changed it. */
function orderKey({ data, state }: Store): string {
  const { table, selected, settings, whatIf } = state;
  const tokens = data.info.tokens.length;
  return JSON.stringify([
    table,
    selected,
    { ...settings, overrides: null },
    whatIf?.tokenId,
    tokens,
    data.info.id,
  ]);
}

function orderRows(store: Store, rows: readonly FilterRow[]): readonly number[] {
  const { table } = store.state;
  const { heads } = store.data.info.model;
  const won = table.winner === null ? [] : headsWonBy(pinnedSubject(store), table.winner);
  return layoutFilterTable(rows, table, (row) => won[row.layer * heads + row.head] ?? false).order;
}

function setTabbable(row: HTMLElement | undefined, tabindex: number): void {
  for (const control of row?.querySelectorAll<HTMLElement>("button") ?? []) control.tabIndex = tabindex;
}

/** What puts the focus back on the control that has it now, where that was drawn anew. */
function focusedPart(grid: HTMLElement): (() => void) | null {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !grid.contains(focused)) return null;
  const { sort, part } = focused.dataset;
  const head = focused.closest<HTMLElement>("[data-head]")?.dataset["head"] ?? "";
  const selector =
    sort === undefined ? `[data-head="${head}"] [data-part="${part ?? ""}"]` : `[data-sort="${sort}"]`;
  return () => {
    if (!focused.isConnected) grid.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });
  };
}
