import * as l10n from "@vscode/l10n";
import { layoutColourBar, type ColourBarLayout } from "../charts/colourBar.js";
import { formatNumber } from "../../src/core/run/formatNumber.js";
import { colourScale, mapColours, mapPainter } from "./mapLayer.js";
import { drawMarks } from "./pictureMarks.js";
import { mapRange, pinnedMap } from "./presentMap.js";
import type { Store } from "./store.js";

/** A picture smaller than this is enlarged, so that the words under it can be read. */
const LEAST_WIDTH = 640;
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const INK = "#24292f";
const FAINT = "#5c6570";

/**
 * The whole picture at its natural size with the pinned map on it, as PNG; under it what the map is of, the prompt,
 * and the colours with their numbers.
 */
export async function exportPicture(store: Store, picture: HTMLImageElement): Promise<Blob> {
  const factor = Math.max(1, Math.ceil(LEAST_WIDTH / picture.naturalWidth));
  const width = picture.naturalWidth * factor;
  const height = picture.naturalHeight * factor;
  const unit = Math.max(1, width / 960);
  const canvas = new OffscreenCanvas(width, height + Math.round(72 * unit));
  const context = canvas.getContext("2d");
  if (!context) throw new Error("the browser gives no canvas to draw on");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  drawPicture(context, store, picture, width, height, unit);
  context.translate(0, height);
  drawFooter(context, store, width, unit);
  return canvas.convertToBlob({ type: "image/png" });
}

function drawPicture(
  context: OffscreenCanvasRenderingContext2D,
  store: Store,
  picture: HTMLImageElement,
  width: number,
  height: number,
  unit: number,
): void {
  const { info } = store.data;
  const { style, region } = store.state;
  context.save();
  context.beginPath();
  context.rect(0, 0, width, height);
  context.clip();
  context.scale(width / info.image.width, height / info.image.height);
  context.filter = style.grey ? "grayscale(1)" : "none";
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, info.image.width, info.image.height);
  context.filter = "none";
  const layer = mapPainter(info).paint(pinnedMap(store), style);
  context.imageSmoothingEnabled = layer.smooth;
  context.drawImage(layer.image, ...layer.box);
  drawMarks(context, info, { grid: style.grid, tiles: style.tiles, cell: -1, region }, unit);
  context.restore();
}

/** Two lines of words on the left, the colours on the right. */
function drawFooter(
  context: OffscreenCanvasRenderingContext2D,
  store: Store,
  width: number,
  unit: number,
): void {
  const map = pinnedMap(store);
  const { colourMap, opacity } = store.state.style;
  const scale = colourScale(mapColours(colourMap, map.signed));
  const bar = layoutColourBar({ ...mapRange(map), signed: map.signed, opacity, scale });
  const edge = 16 * unit;
  const barWidth = 220 * unit;
  drawRamp(context, bar, { left: width - edge - barWidth, top: 16 * unit, width: barWidth, unit });
  const room = width - 3 * edge - barWidth;
  const { prompt, model } = store.data.info;
  context.textAlign = "left";
  context.fillStyle = INK;
  context.font = `600 ${17 * unit}px ${FONT}`;
  context.fillText(shorten(context, map.title, room), edge, 30 * unit);
  context.fillStyle = FAINT;
  context.font = `${14 * unit}px ${FONT}`;
  const question = prompt.text.trim() || l10n.t("(empty prompt)");
  context.fillText(shorten(context, `${question}  ·  ${model.name}`, room), edge, 54 * unit);
}

function drawRamp(
  context: OffscreenCanvasRenderingContext2D,
  { stops, ends, middle }: ColourBarLayout,
  { left, top, width, unit }: { left: number; top: number; width: number; unit: number },
): void {
  const ramp = context.createLinearGradient(left, 0, left + width, 0);
  for (const { place, red, green, blue, alpha } of stops)
    ramp.addColorStop(place, `rgb(${red} ${green} ${blue} / ${alpha})`);
  context.fillStyle = ramp;
  context.fillRect(left, top, width, 14 * unit);
  context.strokeStyle = FAINT;
  context.lineWidth = Math.max(1, unit);
  context.strokeRect(left, top, width, 14 * unit);
  context.fillStyle = FAINT;
  context.font = `${13 * unit}px ${FONT}`;
  const line = top + 32 * unit;
  for (const [value, place, align] of [
    [ends[0], left, "left"],
    [middle, left + width / 2, "center"],
    [ends[1], left + width, "right"],
  ] as const) {
    context.textAlign = align;
    if (value !== null) context.fillText(formatNumber(value), place, line);
  }
}

/** The text in one line, cut with … where it is longer than the room. */
function shorten(context: OffscreenCanvasRenderingContext2D, text: string, room: number): string {
  const line = text.replace(/\s+/g, " ");
  if (context.measureText(line).width <= room) return line;
  const characters = Array.from(line);
  let [fits, tooLong] = [0, characters.length];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (context.measureText(`${characters.slice(0, middle).join("")}…`).width <= room) fits = middle;
    else tooLong = middle;
  }
  return `${characters.slice(0, fits).join("")}…`;
}
