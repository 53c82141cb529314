import type { Rectangle } from "../../src/core/run/types.js";
import { boxAround } from "../../src/core/heatmap/tileBoxes.js";
import { boxBetween, cellAt, nextCell } from "./cellPlaces.js";
import type { ImageView } from "./imageView.js";
import { zoomBy } from "./pictureZoom.js";
import type { Store } from "./store.js";
import { panned, revealing, WHOLE } from "./zoomView.js";

/** Whether every drag selects a region (else only one over the whole picture, or with shift). */
export interface PointerMode {
  selecting: boolean;
}

/** CSS pixels that a pointer may move in a click. */
const CLICK_ROOM = 4;

/** True when a drag that starts so moves the picture instead of selecting a region. */
export function dragPans(store: Store, mode: PointerMode, event: MouseEvent): boolean {
  return store.state.zoom.scale > 1 && !event.shiftKey && !mode.selecting;
}

/** Pointer: hover reads a cell, a drag selects a region, a click one cell's. */
export function bindPointer(store: Store, view: ImageView, mode: PointerMode): void {
  const { frame } = view;
  let start: { readonly at: readonly [number, number]; readonly event: PointerEvent } | null = null;
  let dragged = false;
  const hover = (event: PointerEvent): void => {
    const cell = cellAt(store.data.info.cells, ...view.toPicture(event.clientX, event.clientY));
    store.set({ cell });
  };
  frame.addEventListener("pointerdown", (event) => {
    dragged = false;
    const byTouch = event.pointerType === "touch" && !mode.selecting;
    if (event.button !== 0 || byTouch || dragPans(store, mode, event)) return;
    start = { at: view.toPicture(event.clientX, event.clientY), event };
    frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener("pointermove", (event) => {
    if (!start) {
      hover(event);
      return;
    }
    const [dx, dy] = [event.clientX - start.event.clientX, event.clientY - start.event.clientY];
    dragged ||= Math.hypot(dx, dy) > CLICK_ROOM;
    if (!dragged) return;
    const end = view.toPicture(event.clientX, event.clientY);
    store.set({ region: boxBetween(start.at, end, store.data.info.image), cell: -1 });
  });
  const stop = (): void => void (start = null);
  frame.addEventListener("pointerup", stop);
  frame.addEventListener("pointercancel", stop);
  frame.addEventListener("pointerleave", () => {
    if (!start) store.set({ cell: -1 });
  });
  frame.addEventListener("click", (event) => {
    if (dragged) return;
    const at = view.toPicture(event.clientX, event.clientY);
    toggleCell(store, cellAt(store.data.info.cells, ...at));
  });
}

/** Makes a cell the region, or lets go of the region when it is that cell. */
function toggleCell(store: Store, index: number): void {
  const cell = store.data.info.cells[index] ?? null;
  const same = store.state.region !== null && cell !== null && sameBox(store.state.region, cell);
  store.set({ region: same ? null : cell });
}

function sameBox(a: Rectangle, b: Rectangle): boolean {
  return a.every((value, index) => value === b[index]);
}

/** Keys: arrows walk the cells, with shift grow a region, with alt move the view; + - 0 zoom; Enter, Escape. */
export function bindKeys(store: Store, view: ImageView): void {
  /** The cell where a region that grows began. */
  let anchor = -1;
  view.frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    if (event.key !== "Shift" && !event.shiftKey) anchor = -1;
    if (event.shiftKey && anchor < 0) anchor = store.state.cell;
    if (pressZoom(store, event) || pressCell(store, event, anchor)) event.preventDefault();
  });
  view.frame.addEventListener("blur", () => store.set({ cell: -1 }));
}

const PANS: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowLeft: [-0.1, 0],
  ArrowRight: [0.1, 0],
  ArrowUp: [0, -0.1],
  ArrowDown: [0, 0.1],
};

function pressZoom(store: Store, event: KeyboardEvent): boolean {
  const pan = event.altKey ? PANS[event.key] : undefined;
  if (pan) store.set({ zoom: panned(store.state.zoom, ...pan) });
  else if (event.key === "+" || event.key === "=") zoomBy(store, 1);
  else if (event.key === "-") zoomBy(store, -1);
  else if (event.key === "0") store.set({ zoom: WHOLE });
  else return false;
  return true;
}

function pressCell(store: Store, event: KeyboardEvent, anchor: number): boolean {
  const { cells, image } = store.data.info;
  const { cell, region } = store.state;
  const next = nextCell(cells, cell, event.key);
  if (next !== undefined) {
    const [from, to] = [cells[anchor], cells[next]];
    const grown = event.shiftKey && from && to ? { region: boxAround(from, to) } : {};
    const [x, y, width, height] = to ?? [0, 0, image.width, image.height];
    const box = [x / image.width, y / image.height, width / image.width, height / image.height] as const;
    store.set({ cell: next, zoom: revealing(store.state.zoom, box), ...grown });
    return true;
  }
  if (event.key === "Enter" || event.key === " ") toggleCell(store, cell);
  else if (event.key === "Escape" && region !== null) store.set({ region: null });
  else if (event.key === "Escape") store.set({ cell: -1 });
  else return false;
  return true;
}
