import { svgElement } from "../components/element.js";
import type { HeadCell, HeadMatrixLayout } from "./headMatrix.js";

/** A drawn matrix of differences; `point` moves the cross-hair. */
export interface HeadDifferencesChart {
  readonly root: SVGSVGElement;
  point(cell: HeadCell | null): void;
}

/** Steps of the scale on each side: one path a step. */
const LEVELS = 24;

/**
 * Draws the matrix: each head in the colour of the side that has more of it, stronger the larger the difference.
 * @param layout of the sizes of the differences
 * @param more true where B has more [L * H]
 */
export function drawHeadDifferenceMatrix(
  layout: HeadMatrixLayout,
  more: ArrayLike<boolean>,
): HeadDifferencesChart {
  const { width, height, left, top } = layout;
  const target = svgElement("rect", { class: "target" });
  const root = svgElement(
    "svg",
    { class: "head-matrix", viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": true },
    ...layout.rowLabels.map(({ text, y }) =>
      svgElement("text", { class: "row", x: left - 6, y: y + 2.5 }, text),
    ),
    ...layout.columnLabels.map(({ text, x }) => svgElement("text", { class: "column", x, y: top - 6 }, text)),
    ...drawLevels(layout.cells, more),
    target,
  );
  return {
    root,
    point(cell) {
      target.toggleAttribute("data-on", cell !== null);
      if (!cell) return;
      const box = { x: cell.x - 1, y: cell.y - 1, width: cell.width + 2, height: cell.height + 2 };
      for (const [key, value] of Object.entries(box)) target.setAttribute(key, String(value));
    },
  };
}

function drawLevels(cells: readonly HeadCell[], more: ArrayLike<boolean>): SVGElement[] {
  const paths = new Map<string, { side: string; opacity: number; path: string }>();
  cells.forEach(({ share, x, y, width, height }, index) => {
    const level = Math.ceil(LEVELS * Math.min(1, share));
    const side = level === 0 ? "none" : more[index] ? "side-b" : "side-a";
    const key = `${side} ${level}`;
    const known = paths.get(key) ?? {
      side,
      opacity: level === 0 ? 0.08 : 0.1 + (0.9 * level) / LEVELS,
      path: "",
    };
    known.path += `M${x} ${y}h${width}v${height}h${-width}z`;
    paths.set(key, known);
  });
  return [...paths.values()].map(({ side, opacity, path }) =>
    svgElement("path", { class: side, d: path, "fill-opacity": opacity.toFixed(3) }),
  );
}
