import * as l10n from "@vscode/l10n";
import { mostChanged, type HeadDifference } from "../../src/core/compare/compareSides.js";
import { drawHeadDifferenceMatrix, type HeadDifferencesChart } from "../charts/drawHeadDifferences.js";
import {
  headAt,
  layoutHeadMatrix,
  nextHead,
  type HeadCell,
  type HeadMatrixLayout,
} from "../charts/headMatrix.js";
import { element } from "../components/element.js";
import { panel } from "../components/panel.js";
import { drawInFrame } from "../panel/drawing.js";
import type { CompareStore } from "./compareStore.js";
import { notComparableText } from "./notComparable.js";
import { numbersTable, openTable } from "./numbersTable.js";
import { pointsText, shareText } from "./shareText.js";
import { drawSideLegend } from "./sideLegend.js";

interface Drawn {
  readonly layout: HeadMatrixLayout;
  readonly chart: HeadDifferencesChart;
}

/** Each head's share of all weights, B minus A, as a matrix; pointer or arrow keys read a head's numbers. */
export function drawHeadDifferences(store: CompareStore): HTMLElement {
  const frame = element("div.matrix-focus", { attributes: { tabindex: 0, role: "application" } });
  frame.setAttribute("aria-roledescription", l10n.t("matrix"));
  frame.setAttribute(
    "aria-label",
    l10n.t(
      "Layers by heads: how their weights differ. Arrow keys move; the table has the heads that changed most.",
    ),
  );
  const readout = element("p.readout", { attributes: { "aria-live": "polite" } });
  const why = element("p.note");
  const room = element("div.matrix-room", {}, frame, why);
  let drawn: Drawn | null = null;
  const point = (): void => {
    const { heads } = store.comparison;
    if (typeof heads === "string") return;
    const { head } = store.state;
    drawn?.chart.point(head === null ? null : (drawn.layout.cells[head] ?? null));
    readout.textContent = describe(heads, head);
  };
  const redraw = drawInFrame(room, (width) => {
    const { heads } = store.comparison;
    const comparable = typeof heads !== "string";
    frame.hidden = !comparable;
    why.textContent = comparable ? "" : notComparableText(heads);
    readout.hidden = !comparable;
    drawn = comparable ? drawMatrix(store, heads, width) : null;
    if (drawn) frame.replaceChildren(drawn.chart.root);
    point();
  });
  store.listen((changed) => {
    if (changed.has("comparison")) redraw();
    else if (changed.has("head")) point();
  });
  listen(frame, store, () => drawn?.layout ?? null);
  const table = openTable(l10n.t("The heads as a table"), store, () => headTable(store));
  const legend = drawSideLegend(l10n.t("share of all head weights"));
  const root = panel(l10n.t("Heads"), [], room, readout, legend, table);
  root.classList.add("heads");
  root.classList.toggle("wide", store.data[0].info.model.heads > 10);
  return root;
}

function drawMatrix({ data }: CompareStore, heads: readonly HeadDifference[], width: number): Drawn {
  const { layers, heads: count } = data[0].info.model;
  const layout = layoutHeadMatrix(
    {
      layers,
      heads: count,
      values: heads.map(({ a, b }) => Math.abs(b - a)),
      kept: [],
      forced: [],
      range: [0, layers],
    },
    Math.max(150, width),
  );
  return {
    layout,
    chart: drawHeadDifferenceMatrix(
      layout,
      heads.map(({ a, b }) => b > a),
    ),
  };
}

function describe(heads: readonly HeadDifference[], pointed: number | null): string {
  const shown = pointed === null ? mostChanged(heads, 1)[0] : heads[pointed];
  if (!shown) return l10n.t("Every head has the same share of the weights on both sides.");
  const { layer, head, a, b } = shown;
  return pointed === null
    ? l10n.t(
        "L{0} H{1} changed most: from {2} of A's weights to {3} of B's.",
        layer,
        head,
        shareText(a),
        shareText(b),
      )
    : l10n.t(
        "L{0} H{1}: A {2}, B {3}, difference {4}",
        layer,
        head,
        shareText(a),
        shareText(b),
        pointsText(b - a),
      );
}

const MOST_HEADS = 50;

function headTable({ comparison: { heads } }: CompareStore): HTMLElement {
  if (typeof heads === "string") return element("p.note", {}, notComparableText(heads));
  const top = mostChanged(heads, MOST_HEADS);
  return numbersTable(
    l10n.t("The {0} heads that changed most, as shares of all weights", top.length),
    [l10n.t("Head"), "A", "B", l10n.t("B − A")],
    top.map(({ layer, head, a, b }) => [`L${layer} H${head}`, shareText(a), shareText(b), pointsText(b - a)]),
  );
}

function listen(frame: HTMLElement, store: CompareStore, layout: () => HeadMatrixLayout | null): void {
  const indexOf = ({ heads }: HeadMatrixLayout, cell: HeadCell | null): number | null =>
    cell && cell.layer * heads + cell.head;
  frame.addEventListener("pointermove", (event) => {
    const present = layout();
    const box = frame.firstElementChild?.getBoundingClientRect();
    if (!present || !box) return;
    const scale = present.width / box.width;
    const cell = headAt(present, (event.clientX - box.left) * scale, (event.clientY - box.top) * scale);
    store.set({ head: indexOf(present, cell) });
  });
  frame.addEventListener("pointerleave", () => store.set({ head: null }));
  frame.addEventListener("blur", () => store.set({ head: null }));
  frame.addEventListener("keydown", (event) => {
    const present = layout();
    if (!present) return;
    const { head } = store.state;
    const next = nextHead(present, head === null ? null : (present.cells[head] ?? null), event.key);
    if (next) store.set({ head: indexOf(present, next) });
    else if (event.key === "Escape") store.set({ head: null });
    else return;
    event.preventDefault();
  });
}
