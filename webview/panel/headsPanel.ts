import { formatNumber } from "../../src/core/run/formatNumber.js";
import {
  drawHeadMatrix,
  headAt,
  layoutHeadMatrix,
  nextHead,
  type HeadCell,
  type HeadMatrixLayout,
} from "../charts/headMatrix.js";
import { element } from "../components/element.js";
import { panel } from "../components/panel.js";
import { segments } from "../components/segments.js";
import { headValues, keptCounts, type HeadMeasure, type HeadPlace, type Subject } from "./selection.js";
import { presentSubject, type Store } from "./store.js";

const MEASURES: readonly { readonly value: HeadMeasure; readonly text: string; readonly title: string }[] = [
  { value: "weight", text: "w", title: "Head weight: S_img - S_text, or 0" },
  { value: "image", text: "S_img", title: "Largest gradient on an image token" },
  { value: "text", text: "S_text", title: "Largest gradient on a text token" },
];

/** The layers x heads matrix: pointer or arrow keys show a head's numbers and its own map, click or Enter pins it. */
export function drawHeadsPanel(store: Store): HTMLElement {
  const readout = element("p.readout", { attributes: { "aria-live": "polite" } });
  const legend = element("div.legend");
  const frame = element("div.matrix-focus", {
    attributes: {
      tabindex: 0,
      role: "application",
      "aria-roledescription": "matrix",
      "aria-label":
        "Layers by heads. Arrow keys move, Enter pins a head's map, Escape clears; the table has every number.",
    },
  });
  const room = element("div", {}, frame);
  let layout: HeadMatrixLayout | null = null;
  const draw = (): void => {
    const { subject, head } = presentSubject(store);
    const counts = keptCounts(subject);
    const { layers, heads } = store.data.info.model;
    const values = headValues(subject, store.state.measure);
    layout = layoutHeadMatrix(
      { layers, heads, values, kept: counts.map((count) => count > 0) },
      Math.max(150, room.clientWidth),
    );
    const chart = drawHeadMatrix(layout);
    frame.replaceChildren(chart.root);
    chart.point(cellOf(layout, store.state.previewedHead));
    chart.pin(cellOf(layout, store.state.pinnedHead));
    readout.replaceChildren(...describeHead(subject, head));
    legend.replaceChildren(...drawLegend(layout.maximum));
  };
  listenToPointer(frame, store, () => layout);
  listenToKeys(frame, store, () => layout);
  store.listen(draw);
  new ResizeObserver(draw).observe(room);
  const measure = segments("Value", MEASURES, store.state.measure, (value) => store.set({ measure: value }));
  const root = panel("Heads", [measure.root], room, readout, legend);
  root.classList.toggle("wide", store.data.info.model.heads > 10);
  return root;
}

function cellOf(layout: HeadMatrixLayout, place: HeadPlace | null): HeadCell | null {
  return place ? (layout.cells[place.layer * layout.heads + place.head] ?? null) : null;
}

function samePlace(a: HeadPlace | null, b: HeadPlace | null): boolean {
  return a?.layer === b?.layer && a?.head === b?.head;
}

/** Pins a head's own map, or lets go of it when it was pinned. */
export function togglePin(store: Store, place: HeadPlace): void {
  const { layer, head } = place;
  store.set({ pinnedHead: samePlace(store.state.pinnedHead, place) ? null : { layer, head } });
}

function listenToPointer(frame: HTMLElement, store: Store, layout: () => HeadMatrixLayout | null): void {
  const under = (event: MouseEvent): HeadCell | null => {
    const present = layout();
    const box = frame.firstElementChild?.getBoundingClientRect();
    if (!present || !box) return null;
    const scale = present.width / box.width;
    return headAt(present, (event.clientX - box.left) * scale, (event.clientY - box.top) * scale);
  };
  frame.addEventListener("pointermove", (event) => {
    const cell = under(event);
    if (!samePlace(cell, store.state.previewedHead)) store.set({ previewedHead: cell });
  });
  frame.addEventListener("pointerleave", () => store.set({ previewedHead: null }));
  frame.addEventListener("click", (event) => {
    const cell = under(event);
    if (cell) togglePin(store, cell);
  });
}

function listenToKeys(frame: HTMLElement, store: Store, layout: () => HeadMatrixLayout | null): void {
  frame.addEventListener("keydown", (event) => {
    const present = layout();
    if (!present) return;
    const from = store.state.previewedHead ?? store.state.pinnedHead;
    const next = nextHead(present, cellOf(present, from), event.key);
    if (next) store.set({ previewedHead: next });
    else if ((event.key === "Enter" || event.key === " ") && from) togglePin(store, from);
    else if (event.key === "Escape") store.set({ pinnedHead: null, previewedHead: null });
    else return;
    event.preventDefault();
  });
  frame.addEventListener("blur", () => store.set({ previewedHead: null }));
}

function describeHead(subject: Subject, place: HeadPlace | null): (Node | string)[] {
  if (!place) return ["Point at a head for its numbers and its own map; click to keep it on the picture."];
  const index = place.layer * subject.data.info.model.heads + place.head;
  const value = (measure: HeadMeasure): string => formatNumber(headValues(subject, measure)[index] ?? 0);
  const kept = (keptCounts(subject)[index] ?? 0) > 0;
  const mean = subject.token === null ? ", mean of the answer" : "";
  const noMap = subject.data.arrays.gradient === null ? "; no map of its own without the gradient" : "";
  return [
    element("strong", {}, `L${place.layer} H${place.head}`),
    `  w ${value("weight")} · S_img ${value("image")} · S_text ${value("text")} · ${kept ? "kept" : "dropped"}${mean}${noMap}`,
  ];
}

function drawLegend(maximum: number): Node[] {
  return [
    element("span.key", {}, "0", element("span.ramp"), formatNumber(maximum)),
    element("span.key", {}, element("span.outline"), "dropped"),
  ];
}
