import { isCropped } from "../heatmap/isCropped.js";
import { tileBoxes } from "../heatmap/tileBoxes.js";
import type { Rectangle } from "../run/types.js";
import type { FigureInput } from "./types.js";
import { decimal, tag } from "./xml.js";

/**
 * Draws what lies over picture and map, in pixels of the picture: the part that the model never saw, cells, tiles
 * and the framed region.
 * @param pixel a pixel of the picture in points: lines keep their width on paper
 */
export function drawMarks({ info, style, region }: FigureInput, pixel: number): string {
  const { width, height, seen } = info.image;
  const whole: Rectangle = [0, 0, width, height];
  const tiles = style.tiles ? tileBoxes(info.cells) : [];
  return [
    isCropped(info) ? drawUnseen(whole, seen, pixel) : "",
    style.grid ? outline(info.cells, "#ffffff", 0.4 / pixel, { "stroke-opacity": 0.45 }) : "",
    tiles.length > 1 ? twoTone(tiles, pixel) : "",
    region ? around(whole, region, { fill: "#000000", "fill-opacity": 0.35 }) : "",
    region ? twoTone([region], pixel, `${decimal(3 / pixel)} ${decimal(2 / pixel)}`) : "",
  ].join("");
}

function drawUnseen(whole: Rectangle, seen: Rectangle, pixel: number): string {
  const step = 5 / pixel;
  const line = tag("path", { d: `M0 0V${decimal(step)}`, stroke: "#464e58", "stroke-width": 1 / pixel });
  const pattern = tag(
    "pattern",
    {
      id: "unseen",
      width: step,
      height: step,
      patternUnits: "userSpaceOnUse",
      patternTransform: "rotate(45)",
    },
    line,
  );
  return [
    tag("defs", {}, pattern),
    around(whole, seen, { fill: "#ffffff", "fill-opacity": 0.6 }),
    around(whole, seen, { fill: "url(#unseen)" }),
  ].join("");
}

/** All of `whole` but `hole`. */
function around(whole: Rectangle, hole: Rectangle, look: Readonly<Record<string, string | number>>): string {
  return tag("path", { d: boxPath(whole) + boxPath(hole), "fill-rule": "evenodd", ...look });
}

/** A light line on a dark one is seen on any picture. */
function twoTone(boxes: readonly Rectangle[], pixel: number, dashes?: string): string {
  const light = outline(boxes, "#ffffff", 0.6 / pixel, dashes ? { "stroke-dasharray": dashes } : {});
  return outline(boxes, "#000000", 1.4 / pixel, { "stroke-opacity": 0.85 }) + light;
}

function outline(
  boxes: readonly Rectangle[],
  stroke: string,
  width: number,
  look: Readonly<Record<string, string | number>>,
): string {
  return tag("path", {
    d: boxes.map(boxPath).join(""),
    fill: "none",
    stroke,
    "stroke-width": width,
    ...look,
  });
}

function boxPath([x, y, width, height]: Rectangle): string {
  return `M${decimal(x)} ${decimal(y)}h${decimal(width)}v${decimal(height)}h${decimal(-width)}z`;
}
