import {
  drawFilterTable,
  layoutFilterTable,
  type FilterColumn,
  type FilterShow,
} from "../charts/filterTable.js";
import { element } from "../components/element.js";
import { panel } from "../components/panel.js";
import { segments } from "../components/segments.js";
import { drawSettings } from "./filterSettings.js";
import { togglePin } from "./headsPanel.js";
import { filterRows } from "./selection.js";
import { pinnedSubject, type Store } from "./store.js";

/** The head filter: its settings and the decision about every head of the pinned token. */
export function drawFilterPanel(store: Store): HTMLElement {
  const frame = element("div");
  const count = element("p.readout");
  const draw = (): void => {
    const { table, pinnedHead, selected } = store.state;
    const layout = layoutFilterTable(filterRows(pinnedSubject(store)), table);
    const focused = focusedControl(frame);
    const scroll = frame.firstElementChild?.scrollTop ?? 0;
    const drawn = drawFilterTable(layout, table, pinnedHead, {
      sort: (column) => store.set({ table: { ...table, ...nextOrder(table, column) } }),
      showAll: () => store.set({ table: { ...table, limit: Infinity } }),
      pin: (row) => togglePin(store, row),
      preview: (row) => store.set({ previewedHead: row && { layer: row.layer, head: row.head } }),
    });
    frame.replaceChildren(drawn);
    drawn.scrollTop = scroll;
    if (focused) frame.querySelector<HTMLElement>(focused)?.focus();
    const per = selected === null ? "in at least one token of the answer" : "for this token";
    count.textContent = `${layout.kept} of ${layout.total} heads kept ${per}`;
  };
  store.listen((changed) => {
    if (["selected", "attribution", "table", "pinnedHead"].some((name) => changed.has(name as "table")))
      draw();
  });
  draw();
  const show = segments<FilterShow>(
    "Rows",
    [
      { value: "all", text: "All" },
      { value: "kept", text: "Kept" },
      { value: "dropped", text: "Dropped" },
    ],
    "all",
    (value) => store.set({ table: { ...store.state.table, show: value, limit: 100 } }),
  );
  const root = panel("Head filter", [show.root], drawSettings(store), count, frame);
  root.classList.add("wide");
  return root;
}

/** The selector that finds the focused button again after the table is drawn anew. */
function focusedControl(frame: HTMLElement): string | null {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || !frame.contains(active)) return null;
  const { sort, head } = active.dataset;
  if (sort !== undefined) return `[data-sort="${sort}"]`;
  return head === undefined ? null : `[data-head="${head}"]`;
}

function nextOrder(
  present: { readonly column: FilterColumn; readonly descending: boolean },
  column: FilterColumn,
): { column: FilterColumn; descending: boolean } {
  if (present.column === column) return { column, descending: !present.descending };
  return { column, descending: column !== "head" && column !== "winner" };
}
