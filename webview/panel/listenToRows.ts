import type { FilterRow } from "../charts/headDecision.js";
import type { Store } from "./store.js";

/** What keyboard and pointer need from the table; a row's key is its place among all rows. */
export interface RowAccess {
  /** Makes the row `by` places further the active one and gives its element; null beyond the ends. */
  move(from: number, by: number): HTMLElement | null;
  setActive(key: number): void;
  keyOf(row: HTMLElement): number;
  row(key: number): FilterRow | undefined;
}

const PAGE = 8;

/** Arrow keys walk rows and controls; the row under pointer or focus previews its head's map and its text token. */
export function listenToRows(grid: HTMLElement, store: Store, access: RowAccess): void {
  const rowOf = (event: Event): HTMLElement | null =>
    event.target instanceof Element ? event.target.closest<HTMLElement>("[data-head]") : null;
  // A word that was clicked stays pointed at when the pointer goes to look for it.
  let clicked: number | null = null;
  const wordOf = (event: Event): number | null => {
    const word =
      event.target instanceof Element ? event.target.closest<HTMLElement>("[data-position]") : null;
    return word && Number(word.dataset["position"]);
  };
  const preview = (event: Event): void => {
    const element = rowOf(event);
    const row = element && access.row(access.keyOf(element));
    if (!row) return;
    clicked = null;
    store.set({ previewedHead: { layer: row.layer, head: row.head }, position: wordOf(event) });
  };
  const leave = (): void => store.set({ previewedHead: null, position: clicked });
  grid.addEventListener("click", (event) => {
    clicked = wordOf(event);
  });
  grid.addEventListener("pointerover", preview);
  grid.addEventListener("pointerleave", leave);
  grid.addEventListener("focusin", (event) => {
    const element = rowOf(event);
    if (element) access.setActive(access.keyOf(element));
    if (event.target instanceof Element && event.target.matches(":focus-visible")) preview(event);
  });
  grid.addEventListener("focusout", leave);
  grid.addEventListener("keydown", (event) => {
    const element = rowOf(event);
    if (!element || !(event.target instanceof HTMLElement)) return;
    const target = { event, row: element, control: event.target };
    if (walkRows(target, access) || walkControls(target)) event.preventDefault();
  });
}

interface KeyTarget {
  readonly event: KeyboardEvent;
  readonly row: HTMLElement;
  readonly control: HTMLElement;
}

function walkRows({ event, row, control }: KeyTarget, access: RowAccess): boolean {
  const steps: Readonly<Record<string, number>> = {
    ArrowUp: -1,
    ArrowDown: 1,
    PageUp: -PAGE,
    PageDown: PAGE,
    Home: -Infinity,
    End: Infinity,
  };
  const by = steps[event.key];
  if (by === undefined) return false;
  const next = access.move(access.keyOf(row), by);
  const same = next?.querySelector<HTMLElement>(`[data-part="${control.dataset["part"] ?? ""}"]`);
  (same ?? next?.querySelector<HTMLElement>("[data-part]"))?.focus({ preventScroll: true });
  return true;
}

function walkControls({ event, row, control }: KeyTarget): boolean {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (by === undefined) return false;
  const controls = Array.from(row.querySelectorAll<HTMLElement>("[data-part]"));
  controls[controls.indexOf(control) + by]?.focus();
  return true;
}
