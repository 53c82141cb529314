import type { Rectangle } from "../../core/run/types.js";
import type { InspectedPicture } from "../../protocol/inspection.js";
import type { ViewedPicture } from "../../protocol/modelProcess.js";
import { escapeHtml } from "../notebook/page/pageCells.js";

/** Draws the image tokens' cells over the picture, as SVG; without one over an empty field of its size. */
export function pictureCells(
  { width, height, seen, cells }: InspectedPicture,
  shown: ViewedPicture | null,
  label: string,
): string {
  const image =
    shown === null
      ? ""
      : `<image width="${width}" height="${height}" preserveAspectRatio="none" href="data:${shown.type};base64,${Buffer.from(shown.bytes).toString("base64")}"/>`;
  const drawn = cells.filter(([, , w, h]) => w > 0 && h > 0);
  return [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(label)}">`,
    image,
    ...drawn.map((cell) => rectangle("cell", cell)),
    rectangle("seen", seen),
    "</svg>",
  ].join("");
}

function rectangle(kind: string, [x, y, width, height]: Rectangle): string {
  const number = (value: number) => String(Math.round(value * 100) / 100);
  return `<rect class="${kind}" x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"/>`;
}
