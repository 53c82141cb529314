import { formatNumber, formatShare } from "../../src/core/run/formatNumber.js";
import { svgElement } from "../components/element.js";
import { describeLayer, type Bar, type LayerBarsLayout, type LayerColumn } from "./layerBars.js";

/** A drawn chart; its columns are the options of a list box. */
export interface LayerBarsChart {
  readonly root: SVGSVGElement;
  /** Marks the layer under the pointer or the keyboard's cursor. */
  point(layer: number | null): void;
  /** Shows a range that is being chosen, both ends included. */
  band(range: readonly [number, number] | null): void;
}

/** Draws the columns. @param id prefix of the columns' ids, for `aria-activedescendant` */
export function drawLayerBars(layout: LayerBarsLayout, id: string): LayerBarsChart {
  const { width, height, left, step } = layout;
  const cursor = svgElement("rect", { class: "cursor", y: 0, height, width: step });
  const band = svgElement("rect", { class: "band", y: 0, height });
  const root = svgElement(
    "svg",
    { class: "layer-bars", viewBox: `0 0 ${width} ${height}`, width, height, role: "presentation" },
    band,
    cursor,
    ...drawAxes(layout),
    ...layout.columns.map((column) => drawColumn(layout, column, id)),
  );
  return {
    root,
    point(layer) {
      cursor.toggleAttribute("data-on", layer !== null);
      if (layer !== null)
        cursor.setAttribute("x", String(left + layer * step - (step - columnWidth(layout)) / 2));
    },
    band(range) {
      band.toggleAttribute("data-on", range !== null);
      if (!range) return;
      band.setAttribute("x", String(left + Math.min(...range) * step - (step - columnWidth(layout)) / 2));
      band.setAttribute("width", String((Math.abs(range[1] - range[0]) + 1) * step));
    },
  };
}

function columnWidth({ columns }: LayerBarsLayout): number {
  return columns[0]?.width ?? 0;
}

function drawColumn(layout: LayerBarsLayout, column: LayerColumn, id: string): SVGGElement {
  const { part, x, width } = column;
  const bar = (name: string, { y, height }: Bar): SVGRectElement =>
    svgElement("rect", { class: `bar ${name}`, x, width, y, height });
  const label = svgElement("text", { x: x + width / 2, y: layout.height - 4 }, `L${part.layer}`);
  return svgElement(
    "g",
    {
      class: part.inRange ? "layer" : "layer out",
      id: `${id}-${part.layer}`,
      role: "option",
      "aria-label": describeLayer(part),
      "aria-selected": String(part.inRange),
    },
    ...(layout.shareBase === null ? [] : [bar("share", column.share)]),
    bar("image", column.image),
    bar("text", column.text),
    ...(layout.labelled.includes(part.layer) ? [label] : []),
  );
}

function drawAxes({ left, step, columns, shareBase, scoreBase, most, rooms }: LayerBarsLayout): SVGElement[] {
  const end = left + step * columns.length;
  const line = (y: number): SVGElement =>
    svgElement("line", { class: "axis", x1: left, x2: end, y1: y + 0.5, y2: y + 0.5 });
  const text = (y: number, value: string): SVGElement =>
    svgElement("text", { class: "scale", x: left - 6, y: y + 3.5 }, value);
  const score = formatNumber(most.score);
  const scores = [
    text(scoreBase - rooms.score + 4, score),
    text(scoreBase, "0"),
    text(scoreBase + rooms.score - 4, score),
    line(scoreBase),
  ];
  if (shareBase === null) return scores;
  return [
    ...scores,
    text(shareBase - rooms.share + 4, formatShare(most.share)),
    text(shareBase, "0"),
    line(shareBase),
  ];
}
