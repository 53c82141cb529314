import { formatNumber, formatShare } from "../../src/core/run/formatNumber.js";
import { element, svgElement } from "../components/element.js";

/** One layer's part in a map. */
export interface LayerPart {
  readonly layer: number;
  /** Share of the map's mass that comes from this layer, 0 to 1. */
  readonly share: number;
  /** Largest S_img and S_text among the layer's heads. */
  readonly image: number;
  readonly text: number;
  readonly kept: number;
  /** False when the layer range leaves it out. */
  readonly inRange: boolean;
}

/** One column, in pixels of the chart. */
export interface LayerBar extends LayerPart {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Sizes of the whole chart. */
export interface LayerBarsLayout {
  readonly width: number;
  readonly height: number;
  readonly base: number;
  readonly bars: readonly LayerBar[];
  /** Layers whose number is written under the axis. */
  readonly labelled: readonly number[];
}

const HEIGHT = 104;
const TOP = 16;
const BOTTOM = 18;

/** Lays the layers out as columns over `width` pixels; the tallest column is the largest share. */
export function layoutLayerBars(parts: readonly LayerPart[], width: number): LayerBarsLayout {
  const step = Math.min(56, width / Math.max(1, parts.length));
  const gap = step >= 6 ? Math.min(6, step * 0.2) : 0;
  const base = HEIGHT - BOTTOM;
  const tallest = Math.max(...parts.map((part) => part.share), 1e-12);
  const bars = parts.map((part, index) => {
    const height = ((base - TOP) * part.share) / tallest;
    return { ...part, x: index * step, y: base - height, width: Math.max(1, step - gap), height };
  });
  const every = Math.ceil(26 / step);
  const labelled = parts.filter((_, index) => index % every === 0).map((part) => part.layer);
  return { width: Math.max(width, 1), height: HEIGHT, base, bars, labelled };
}

/** One sentence about a layer, for tooltips and the read-out. */
export function describeLayer(part: LayerPart): string {
  if (!part.inRange) return `L${part.layer}: outside the layer range`;
  const scores = `best S_img ${formatNumber(part.image)}, best S_text ${formatNumber(part.text)}`;
  return `L${part.layer}: ${formatShare(part.share)} of the map, ${scores}, ${formatNumber(part.kept)} heads kept`;
}

/** Draws the columns; the numbers are in the title of each column and in the table beside the chart. */
export function drawLayerBars(layout: LayerBarsLayout): SVGElement {
  const { width, height, base, bars, labelled } = layout;
  const wide = (bars[0]?.width ?? 0) >= 24;
  const end = bars.at(-1);
  const columns = bars.map((bar) =>
    svgElement(
      "g",
      { class: bar.inRange ? "layer" : "layer out" },
      svgElement("title", {}, describeLayer(bar)),
      svgElement("rect", { class: "hit", x: bar.x, y: 0, width: bar.width, height }),
      svgElement("rect", { class: "bar", x: bar.x, y: bar.y, width: bar.width, height: bar.height, rx: 1 }),
      ...(wide && bar.inRange
        ? [
            svgElement(
              "text",
              { class: "value", x: bar.x + bar.width / 2, y: bar.y - 4 },
              formatShare(bar.share),
            ),
          ]
        : []),
      ...(labelled.includes(bar.layer)
        ? [svgElement("text", { x: bar.x + bar.width / 2, y: height - 4 }, `L${bar.layer}`)]
        : []),
    ),
  );
  return svgElement(
    "svg",
    {
      class: "layer-bars",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-label": summary(bars),
    },
    svgElement("line", {
      class: "axis",
      x1: 0,
      x2: end ? end.x + end.width : width,
      y1: base + 0.5,
      y2: base + 0.5,
    }),
    ...columns,
  );
}

function summary(bars: readonly LayerPart[]): string {
  const top = [...bars].sort((a, b) => b.share - a.share).slice(0, 3);
  return `Share of the map by layer: ${top.map((bar) => `L${bar.layer} ${formatShare(bar.share)}`).join(", ")}`;
}

/** The same numbers as a table. */
export function layerTable(parts: readonly LayerPart[]): HTMLTableElement {
  const headings = ["Layer", "Share", "S_img", "S_text", "Kept"];
  return element(
    "table.numbers",
    {},
    element("caption", {}, "Share of the map by layer"),
    element(
      "thead",
      {},
      element("tr", {}, ...headings.map((text) => element("th", { attributes: { scope: "col" } }, text))),
    ),
    element(
      "tbody",
      {},
      ...parts.map((part) =>
        element(
          "tr",
          {},
          element("th", { attributes: { scope: "row" } }, `L${part.layer}`),
          ...[
            formatShare(part.share),
            formatNumber(part.image),
            formatNumber(part.text),
            formatNumber(part.kept),
          ].map((text) => element("td", {}, text)),
        ),
      ),
    ),
  );
}
