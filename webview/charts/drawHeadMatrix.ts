import { svgElement } from "../components/element.js";
import type { HeadCell, HeadMatrixLayout } from "./headMatrix.js";

/** A drawn matrix; `point` moves the cross-hair, `pin` marks the pinned head. */
export interface HeadMatrixChart {
  readonly root: SVGSVGElement;
  point(cell: HeadCell | null): void;
  pin(cell: HeadCell | null): void;
}

/** Steps of the scale. One path a step, so that 5,120 cells are some 50 elements. */
const LEVELS = 24;
/** Smaller cells have no room for an outline. */
const SMALLEST_OUTLINED = 5;

/** Draws the matrix: kept heads filled by value, dropped ones as outlines, those forced by hand marked. */
export function drawHeadMatrix(layout: HeadMatrixLayout): HeadMatrixChart {
  const row = svgElement("rect", { class: "hair" });
  const column = svgElement("rect", { class: "hair" });
  const target = svgElement("rect", { class: "target" });
  const marker = svgElement("rect", { class: "pinned" });
  const { width, height, left, top } = layout;
  const root = svgElement(
    "svg",
    { class: "head-matrix", viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": true },
    ...layout.rowLabels.map(({ text, y }) =>
      svgElement("text", { class: "row", x: left - 6, y: y + 2.5 }, text),
    ),
    ...layout.columnLabels.map(({ text, x }) => svgElement("text", { class: "column", x, y: top - 6 }, text)),
    ...drawLevels(layout.cells),
    ...drawMarks(layout.cells),
    row,
    column,
    marker,
    target,
  );
  return {
    root,
    point(cell) {
      for (const hair of [row, column, target]) hair.toggleAttribute("data-on", cell !== null);
      if (!cell) return;
      setBox(row, left - 1, cell.y - 1, width - left, cell.height + 2);
      setBox(column, cell.x - 1, top - 1, cell.width + 2, height - top);
      frame(target, cell);
    },
    pin(cell) {
      marker.toggleAttribute("data-on", cell !== null);
      if (cell) frame(marker, cell);
    },
  };
}

function frame(node: SVGRectElement, { x, y, width, height }: HeadCell): void {
  setBox(node, x - 1, y - 1, width + 2, height + 2);
}

function setBox(node: SVGRectElement, x: number, y: number, width: number, height: number): void {
  for (const [key, value] of Object.entries({ x, y, width, height })) node.setAttribute(key, String(value));
}

/** One path per step of the scale and kind of head, and one with the outlines of the dropped. */
function drawLevels(cells: readonly HeadCell[]): SVGElement[] {
  const paths = new Map<string, { name: string; opacity: number; path: string }>();
  let outlines = "";
  for (const cell of cells) {
    const level = Math.ceil(LEVELS * Math.min(1, Math.max(0, cell.share)));
    const name = `${cell.kept ? "kept" : "dropped"}${cell.inRange ? "" : " out"}`;
    const key = `${name} ${level}`;
    const known = paths.get(key) ?? { name, opacity: opacityOf(level), path: "" };
    known.path += box(cell, 0);
    paths.set(key, known);
    if (!cell.kept && Math.min(cell.width, cell.height) >= SMALLEST_OUTLINED) outlines += box(cell, 0.5);
  }
  const filled = [...paths.values()].map(({ name, opacity, path }) =>
    svgElement("path", { class: name, d: path, "fill-opacity": opacity.toFixed(3) }),
  );
  return [...filled, svgElement("path", { class: "outlines", d: outlines })];
}

/** A value above 0 can be told from 0; 0 is still a cell. */
function opacityOf(level: number): number {
  return level === 0 ? 0.06 : 0.14 + (0.86 * level) / LEVELS;
}

function box({ x, y, width, height }: HeadCell, inset: number): string {
  const across = width - 2 * inset;
  return `M${x + inset} ${y + inset}h${across}v${height - 2 * inset}h${-across}z`;
}

/** Heads kept by hand have a frame, those dropped by hand a cross. */
function drawMarks(cells: readonly HeadCell[]): SVGElement[] {
  const path = cells
    .filter(({ forced }) => forced !== null)
    .map((cell) => (cell.forced === "keep" ? box(cell, 0.75) : cross(cell)))
    .join("");
  return path === "" ? [] : [svgElement("path", { class: "forced", d: path })];
}

function cross({ x, y, width, height }: HeadCell): string {
  const reach = Math.min(width, height, 12) / 2 - 0.5;
  const [cx, cy] = [x + width / 2, y + height / 2];
  const [west, east, north, south] = [cx - reach, cx + reach, cy - reach, cy + reach];
  return `M${west} ${north}L${east} ${south}M${east} ${north}L${west} ${south}`;
}
