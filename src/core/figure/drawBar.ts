import { layoutColourBar } from "../heatmap/colourBar.js";
import { colourMap } from "../heatmap/colourMap.js";
import { formatNumber } from "../run/formatNumber.js";
import { drawLine, drawWords, INK, LINE } from "./drawWords.js";
import { fitLine } from "./fitText.js";
import { regularWidth } from "./textWidth.js";
import type { Block, Box, FigureMap, FigureStyle } from "./types.js";
import { tag } from "./xml.js";

/** Smallest and largest value of a map; 0 and 0 when it has none. */
export function rangeOf(values: Float32Array): { readonly low: number; readonly high: number } {
  if (values.length === 0) return { low: 0, high: 0 };
  return {
    low: values.reduce((least, value) => Math.min(least, value), Infinity),
    high: values.reduce((most, value) => Math.max(most, value), -Infinity),
  };
}

/** Draws the colours of the map with its real smallest and largest value, and what they are, from the box's top. */
export function drawBar(map: FigureMap, style: FigureStyle, box: Omit<Box, "height">, size: number): Block {
  const { low, high } = rangeOf(map.values);
  if (low === high) return drawFlat(low, map.label, box, size);
  const bar = layoutColourBar({
    low,
    high,
    signed: map.signed,
    opacity: style.opacity,
    scale: colourMap(style.colourMap),
  });
  const stops = bar.stops.map(({ place, red, green, blue, alpha }) =>
    tag("stop", { offset: place, "stop-color": `rgb(${red},${green},${blue})`, "stop-opacity": alpha }),
  );
  const ramp = { x: box.x, y: box.y, width: box.width, height: 0.8 * size };
  const label = map.signed ? `${map.label} (${formatNumber(low)} … ${formatNumber(high)})` : map.label;
  const numbers = drawNumbers(bar.ends, bar.middle, label, { ...box, y: ramp.y + ramp.height }, size);
  return {
    svg: [
      tag("defs", {}, tag("linearGradient", { id: "ramp" }, stops.join(""))),
      // White below: the colours are as on a white picture, whatever the page is.
      tag("rect", { ...ramp, fill: "#ffffff" }),
      tag("rect", { ...ramp, fill: "url(#ramp)", stroke: INK.line, "stroke-width": 0.5 }),
      numbers.svg,
    ].join(""),
    height: ramp.height + numbers.height,
  };
}

/** The values at both ends, 0 in the middle of a signed map; the label between them, or below. */
function drawNumbers(
  [low, high]: readonly [number, number],
  middle: number | null,
  label: string,
  { x, y, width }: Omit<Box, "height">,
  size: number,
): Block {
  const small = 0.9 * size;
  const base = y + 0.3 * size + small;
  const look = { "font-size": small, fill: INK.muted };
  const [left, right] = [formatNumber(low), formatNumber(high)];
  const ends = [
    drawLine(left, x, base, look),
    drawLine(right, x + width, base, { ...look, "text-anchor": "end" }),
  ];
  const centre = { ...look, "text-anchor": "middle" };
  const room = width - 2 * (Math.max(regularWidth(left, small), regularWidth(right, small)) + small);
  const between = middle === null && regularWidth(label, small) <= room;
  if (middle !== null) ends.push(drawLine(formatNumber(middle), x + width / 2, base, centre));
  ends.push(
    drawLine(
      fitLine(regularWidth, label, small, width),
      x + width / 2,
      between ? base : base + LINE * small,
      centre,
    ),
  );
  return { svg: ends.join(""), height: 0.3 * size + LINE * small * (between ? 1 : 2) };
}

/** A map with one value everywhere has no colours to explain. */
function drawFlat(value: number, label: string, box: Omit<Box, "height">, size: number): Block {
  return drawWords(`${label}: ${formatNumber(value)}`, box, { size, fill: INK.muted, maxLines: 2 });
}
