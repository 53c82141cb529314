import { svgElement } from "../components/element.js";

/** A layers x heads matrix of one value per head (row-major), and whether each head is in the map. */
export interface HeadMatrixData {
  readonly layers: number;
  readonly heads: number;
  readonly values: ArrayLike<number>;
  readonly kept: ArrayLike<boolean>;
}

/** One head's place, in pixels of the chart. */
export interface HeadCell {
  readonly layer: number;
  readonly head: number;
  readonly x: number;
  readonly y: number;
  /** Value over the matrix's maximum, 0 to 1. */
  readonly share: number;
  readonly kept: boolean;
}

/** Sizes of the whole chart. */
export interface HeadMatrixLayout {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  /** Distance between two cells, and a cell's side. */
  readonly step: number;
  readonly side: number;
  readonly maximum: number;
  readonly cells: readonly HeadCell[];
  readonly rowLabels: readonly { readonly text: string; readonly y: number }[];
  readonly columnLabels: readonly { readonly text: string; readonly x: number }[];
  readonly heads: number;
  readonly layers: number;
}

const LEFT = 30;
const TOP = 18;

/** Lays the matrix out within `width` pixels: rows are layers, columns are heads, labels never overlap. */
export function layoutHeadMatrix(data: HeadMatrixData, width: number): HeadMatrixLayout {
  const { layers, heads, values, kept } = data;
  const step = Math.max(3, Math.min(28, Math.floor((width - LEFT) / heads)));
  const side = step >= 6 ? step - 2 : step - 0.5;
  const maximum = Array.from(values).reduce((a, b) => Math.max(a, b), 0);
  const cells = Array.from({ length: layers * heads }, (_, index) => {
    const layer = Math.floor(index / heads);
    const head = index % heads;
    const share = maximum > 0 ? (values[index] ?? 0) / maximum : 0;
    return { layer, head, x: LEFT + head * step, y: TOP + layer * step, share, kept: kept[index] ?? false };
  });
  const everyRow = Math.ceil(12 / step);
  const everyColumn = Math.ceil(26 / step);
  return {
    width: LEFT + heads * step,
    height: TOP + layers * step,
    left: LEFT,
    top: TOP,
    step,
    side,
    maximum,
    cells,
    rowLabels: ticks(layers, everyRow).map((layer) => ({
      text: `L${layer}`,
      y: TOP + layer * step + side / 2,
    })),
    columnLabels: ticks(heads, everyColumn).map((head) => ({
      text: `H${head}`,
      x: LEFT + head * step + side / 2,
    })),
    heads,
    layers,
  };
}

function ticks(count: number, every: number): number[] {
  return Array.from({ length: Math.ceil(count / every) }, (_, index) => index * every);
}

/** The head under a point of the chart; null beside the matrix. */
export function headAt(layout: HeadMatrixLayout, x: number, y: number): HeadCell | null {
  const head = Math.floor((x - layout.left) / layout.step);
  const layer = Math.floor((y - layout.top) / layout.step);
  if (head < 0 || head >= layout.heads || layer < 0 || layer >= layout.layers) return null;
  return layout.cells[layer * layout.heads + head] ?? null;
}

/** The head an arrow key leads to from `from`; `undefined` when the key means nothing here. */
export function nextHead(layout: HeadMatrixLayout, from: HeadCell | null, key: string): HeadCell | undefined {
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key];
  if (!step) return undefined;
  if (!from) return layout.cells[0];
  const layer = Math.min(layout.layers - 1, Math.max(0, from.layer + (step[0] ?? 0)));
  const head = Math.min(layout.heads - 1, Math.max(0, from.head + (step[1] ?? 0)));
  return layout.cells[layer * layout.heads + head];
}

/** A drawn matrix; `point` moves the cross-hair, `pin` marks the pinned head. */
export interface HeadMatrixChart {
  readonly root: SVGSVGElement;
  point(cell: HeadCell | null): void;
  pin(cell: HeadCell | null): void;
}

/** Draws the matrix: kept heads filled by value, dropped ones as outlines. */
export function drawHeadMatrix(layout: HeadMatrixLayout): HeadMatrixChart {
  const rectangles = layout.cells.map((cell) => {
    const inset = cell.kept ? 0 : 0.5;
    const size = layout.side - 2 * inset;
    const opacity = cell.share > 0 ? 0.1 + 0.9 * cell.share : 0;
    return svgElement("rect", {
      class: cell.kept ? "kept" : "dropped",
      x: cell.x + inset,
      y: cell.y + inset,
      width: size,
      height: size,
      "fill-opacity": cell.kept ? opacity.toFixed(3) : (opacity / 2).toFixed(3),
    });
  });
  const row = svgElement("rect", { class: "hair", x: layout.left - 1, width: layout.heads * layout.step });
  const column = svgElement("rect", {
    class: "hair",
    y: layout.top - 1,
    height: layout.layers * layout.step,
  });
  const marker = svgElement("rect", { class: "pinned" });
  const root = svgElement(
    "svg",
    {
      class: "head-matrix",
      viewBox: `0 0 ${layout.width} ${layout.height}`,
      width: layout.width,
      height: layout.height,
      "aria-hidden": true,
    },
    row,
    column,
    ...layout.rowLabels.map(({ text, y }) =>
      svgElement("text", { class: "row", x: layout.left - 5, y: y + 3.5 }, text),
    ),
    ...layout.columnLabels.map(({ text, x }) =>
      svgElement("text", { class: "column", x, y: layout.top - 6 }, text),
    ),
    ...rectangles,
    marker,
  );
  const chart: HeadMatrixChart = {
    root,
    point(cell) {
      for (const hair of [row, column]) hair.toggleAttribute("data-on", cell !== null);
      if (!cell) return;
      setBox(row, layout.left - 1, cell.y - 1, layout.heads * layout.step, layout.step);
      setBox(column, cell.x - 1, layout.top - 1, layout.step, layout.layers * layout.step);
    },
    pin(cell) {
      marker.toggleAttribute("data-on", cell !== null);
      if (cell) setBox(marker, cell.x - 1, cell.y - 1, layout.side + 2, layout.side + 2);
    },
  };
  return chart;
}

function setBox(node: SVGRectElement, x: number, y: number, width: number, height: number): void {
  for (const [key, value] of Object.entries({ x, y, width, height })) node.setAttribute(key, String(value));
}
