import { formatShare } from "../../src/core/run/formatNumber.js";
import { svgElement } from "../components/element.js";
import type { LayerDifferenceColumn, LayerDifferencesLayout } from "./layerDifferences.js";

/** Draws the chart; its numbers are in a table beside it. */
export function drawLayerDifferenceBars(layout: LayerDifferencesLayout, label: string): SVGSVGElement {
  const { width, height } = layout;
  return svgElement(
    "svg",
    {
      class: "layer-bars layer-differences",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-label": label,
    },
    ...drawAxes(layout),
    ...layout.columns.map((column) => drawColumn(layout, column)),
  );
}

function drawColumn(layout: LayerDifferencesLayout, column: LayerDifferenceColumn): SVGGElement {
  const { shareBase, differenceBase, height, labelled } = layout;
  const { layer, x, width, a, b, difference } = column;
  const half = width / 2;
  const bar = (name: string, left: number, across: number, y: number, tall: number): SVGRectElement =>
    svgElement("rect", { class: `bar ${name}`, x: left, y, width: Math.max(0.5, across), height: tall });
  return svgElement(
    "g",
    {},
    bar("side-a", x, half - 0.5, shareBase - a, a),
    bar("side-b", x + half, half - 0.5, shareBase - b, b),
    difference >= 0
      ? bar("side-b", x, width, differenceBase - difference, difference)
      : bar("side-a", x, width, differenceBase, -difference),
    ...(labelled.includes(layer) ? [svgElement("text", { x: x + half, y: height - 4 }, `L${layer}`)] : []),
  );
}

function drawAxes(layout: LayerDifferencesLayout): SVGElement[] {
  const { left, step, columns, shareBase, differenceBase, rooms, most } = layout;
  const end = left + step * columns.length;
  const line = (y: number): SVGElement =>
    svgElement("line", { class: "axis", x1: left, x2: end, y1: y + 0.5, y2: y + 0.5 });
  const text = (y: number, value: string): SVGElement =>
    svgElement("text", { class: "scale", x: left - 6, y: y + 3.5 }, value);
  const difference = formatShare(most.difference);
  return [
    text(shareBase - rooms.share + 4, formatShare(most.share)),
    text(shareBase, "0"),
    line(shareBase),
    ...(most.difference > 0
      ? [
          text(differenceBase - rooms.difference + 4, `+${difference}`),
          text(differenceBase + rooms.difference - 4, `−${difference}`),
        ]
      : []),
    text(differenceBase, "0"),
    line(differenceBase),
  ];
}
