import * as l10n from "@vscode/l10n";
import { formatNumber } from "../../src/core/run/formatNumber.js";
import { drawHeadMatrix, type HeadMatrixChart } from "../charts/drawHeadMatrix.js";
import {
  headAt,
  layoutHeadMatrix,
  nextHead,
  type HeadCell,
  type HeadMatrixLayout,
} from "../charts/headMatrix.js";
import { element } from "../components/element.js";
import { panel } from "../components/panel.js";
import { segments } from "../components/segments.js";
import { drawInFrame } from "./drawing.js";
import { describeHead } from "./headFacts.js";
import { whyFixed } from "./canChangeFilter.js";
import { forcedHeads, headValues, keptCounts, type HeadMeasure, type HeadPlace } from "./selection.js";
import { presentSubject, type Store } from "./store.js";

function measures(): { value: HeadMeasure; text: string; title: string }[] {
  return [
    { value: "weight", text: "w", title: l10n.t("Head weight: S_img - S_text, or 0") },
    { value: "image", text: "S_img", title: l10n.t("Largest gradient on an image token") },
    { value: "text", text: "S_text", title: l10n.t("Largest gradient on a text token") },
    { value: "mass", text: "ΣG", title: l10n.t("Sum of the positive gradient over the image tokens") },
  ];
}

const REDRAWN_BY = ["data", "attribution", "settings", "selected", "previewed", "whatIf", "measure"] as const;

/** The layers x heads matrix: pointer or arrow keys show a head's numbers and its own map, click or Enter pins it. */
export function drawHeadsPanel(store: Store): HTMLElement {
  const readout = element("p.readout.head-facts", { attributes: { "aria-live": "polite" } });
  const legend = element("div.legend");
  const frame = element("div.matrix-focus", { attributes: { tabindex: 0, role: "application" } });
  frame.setAttribute("aria-roledescription", l10n.t("matrix"));
  frame.setAttribute(
    "aria-label",
    l10n.t(
      "Layers by heads. Arrow keys move, Enter pins a head's map, Escape lets go; the table of the head filter has every number.",
    ),
  );
  const room = element("div.matrix-room", {}, frame);
  let drawn: Drawn | null = null;
  const point = (): void => {
    if (!drawn) return;
    drawn.chart.point(cellOf(drawn.layout, store.state.previewedHead));
    drawn.chart.pin(cellOf(drawn.layout, store.state.pinnedHead));
    const { subject, head } = presentSubject(store);
    readout.replaceChildren(...describeHead(subject, head));
  };
  const redraw = drawInFrame(room, (width) => {
    drawn = drawMatrix(store, width);
    frame.replaceChildren(drawn.chart.root);
    legend.replaceChildren(...drawn.legend);
    point();
  });
  store.listen((changed) => {
    if (REDRAWN_BY.some((name) => changed.has(name))) redraw();
    else if (changed.has("previewedHead") || changed.has("pinnedHead")) point();
  });
  listenToPointer(frame, store, () => drawn?.layout ?? null);
  listenToKeys(frame, store, () => drawn?.layout ?? null);
  const measure = segments(l10n.t("Value"), measures(), store.state.measure, (value) =>
    store.set({ measure: value }),
  );
  store.listen((changed) => {
    if (changed.has("measure")) measure.set(store.state.measure);
  });
  const root = panel(l10n.t("Heads"), [measure.root], room, readout, legend);
  root.classList.add("heads");
  root.classList.toggle("wide", store.data.info.model.heads > 10);
  return root;
}

interface Drawn {
  readonly layout: HeadMatrixLayout;
  readonly chart: HeadMatrixChart;
  readonly legend: readonly Node[];
}

function drawMatrix(store: Store, width: number): Drawn {
  const { subject } = presentSubject(store);
  const { layers, heads } = store.data.info.model;
  const values = headValues(subject, store.state.measure);
  const forced = forcedHeads(subject);
  const layout = layoutHeadMatrix(
    {
      layers,
      heads,
      values: values ?? [],
      kept: keptCounts(subject),
      forced,
      range: subject.settings.layers,
    },
    Math.max(150, width),
  );
  const missing = values === null ? whyFixed(store) : null;
  const anyForced = forced.some((decision) => decision !== null);
  return { layout, chart: drawHeadMatrix(layout), legend: drawLegend(layout.maximum, anyForced, missing) };
}

function drawLegend(maximum: number, forced: boolean, missing: string | null): Node[] {
  if (missing !== null) return [element("span.note", {}, missing)];
  const top = formatNumber(maximum);
  const keys = [
    element("span.key", {}, `${l10n.t("kept")} 0`, element("span.ramp"), top),
    element("span.key", {}, `${l10n.t("dropped")} 0`, element("span.ramp.outlined"), top),
  ];
  if (!forced) return keys;
  const byHand = [
    element("span.key", {}, element("span.mark.keep"), l10n.t("kept by hand")),
    element("span.key", {}, element("span.mark.drop", {}, "×"), l10n.t("dropped by hand")),
  ];
  return [...keys, ...byHand];
}

function cellOf(layout: HeadMatrixLayout, place: HeadPlace | null): HeadCell | null {
  return place ? (layout.cells[place.layer * layout.heads + place.head] ?? null) : null;
}

function samePlace(a: HeadPlace | null, b: HeadPlace | null): boolean {
  return a?.layer === b?.layer && a?.head === b?.head;
}

/** Pins a head's own map, or lets go of it when it was pinned. */
export function togglePin(store: Store, { layer, head }: HeadPlace): void {
  const place = { layer, head };
  store.set({ pinnedHead: samePlace(store.state.pinnedHead, place) ? null : place });
}

function listenToPointer(frame: HTMLElement, store: Store, layout: () => HeadMatrixLayout | null): void {
  const under = (event: MouseEvent): HeadPlace | null => {
    const present = layout();
    const box = frame.firstElementChild?.getBoundingClientRect();
    if (!present || !box) return null;
    const scale = present.width / box.width;
    const cell = headAt(present, (event.clientX - box.left) * scale, (event.clientY - box.top) * scale);
    return cell && { layer: cell.layer, head: cell.head };
  };
  frame.addEventListener("pointermove", (event) => {
    const place = under(event);
    if (!samePlace(place, store.state.previewedHead)) store.set({ previewedHead: place });
  });
  frame.addEventListener("pointerleave", () => store.set({ previewedHead: null }));
  frame.addEventListener("click", (event) => {
    const place = under(event);
    if (place) togglePin(store, place);
  });
}

function listenToKeys(frame: HTMLElement, store: Store, layout: () => HeadMatrixLayout | null): void {
  frame.addEventListener("keydown", (event) => {
    const present = layout();
    if (!present) return;
    const from = store.state.previewedHead ?? store.state.pinnedHead;
    const next = nextHead(present, cellOf(present, from), event.key);
    if (next) store.set({ previewedHead: { layer: next.layer, head: next.head } });
    else if ((event.key === "Enter" || event.key === " ") && from) togglePin(store, from);
    else if (event.key === "Escape") store.set({ pinnedHead: null, previewedHead: null });
    else return;
    event.preventDefault();
  });
  frame.addEventListener("blur", () => store.set({ previewedHead: null }));
}
