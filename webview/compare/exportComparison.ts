import * as l10n from "@vscode/l10n";
import { layoutColourBar } from "../../src/core/heatmap/colourBar.js";
import { mapColours } from "../../src/core/heatmap/mapColours.js";
import { formatShare } from "../../src/core/run/formatNumber.js";
import type { Both } from "../../src/protocol/compare.js";
import { colourScale } from "../panel/mapLayer.js";
import { choiceName } from "./choiceName.js";
import type { CompareStore, Front } from "./compareStore.js";
import { paintPane, paneContent, type PaneContent } from "./paneContent.js";
import { pointsText, shareText } from "./shareText.js";

/** Pixels of the PNG. */
const TILE = 720;
const GAP = 48;
const MARGIN = 56;
const HEAD = 48;
const FOOT = 124;
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const INK = "#1f2328";
const MUTED = "#59636e";

/** A, B and the difference beside each other on white, with their words and colours, as PNG. */
export function exportComparison(store: CompareStore, pictures: Both<CanvasImageSource>): Promise<Blob> {
  const panes = (["a", "b", "difference"] as const).map((front) => ({
    front,
    content: paneContent(store, front, pictures),
  }));
  const heights = panes.map(({ content: { image } }) => Math.round((TILE * image.height) / image.width));
  const room = Math.max(...heights);
  const canvas = new OffscreenCanvas(2 * MARGIN + 3 * TILE + 2 * GAP, 2 * MARGIN + HEAD + room + FOOT);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("the browser gives no canvas to draw on");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  panes.forEach(({ front, content }, index) => {
    const left = MARGIN + index * (TILE + GAP);
    drawHead(context, store, front, content, left);
    const height = heights[index] ?? TILE;
    const tile = new OffscreenCanvas(TILE, height);
    const inner = tile.getContext("2d");
    if (inner) paintPane(inner, content, store.state.style, tile);
    context.drawImage(tile, left, MARGIN + HEAD);
    drawFoot(context, store, front, content, { left, top: MARGIN + HEAD + room + 20 });
  });
  return canvas.convertToBlob({ type: "image/png" });
}

function drawHead(
  context: OffscreenCanvasRenderingContext2D,
  { names }: CompareStore,
  front: Front,
  { title }: PaneContent,
  left: number,
): void {
  const letter = front === "difference" ? "B − A" : front.toUpperCase();
  context.fillStyle = INK;
  context.font = `600 30px ${FONT}`;
  context.fillText(letter, left, MARGIN + 28);
  const after = left + context.measureText(letter).width + 16;
  context.fillStyle = MUTED;
  context.font = `24px ${FONT}`;
  const name = front === "difference" ? title : `${title} · ${names[front === "a" ? 0 : 1]}`;
  context.fillText(name, after, MARGIN + 28, left + TILE - after);
}

function drawFoot(
  context: OffscreenCanvasRenderingContext2D,
  store: CompareStore,
  front: Front,
  { map, range, empty, description }: PaneContent,
  { left, top }: { readonly left: number; readonly top: number },
): void {
  const { colourMap, opacity } = store.state.style;
  context.fillStyle = MUTED;
  context.font = `22px ${FONT}`;
  if (!empty) {
    const scale = colourScale(mapColours(colourMap, map.signed));
    const ramp = context.createLinearGradient(left, 0, left + TILE / 2, 0);
    const { stops, ends } = layoutColourBar({ ...range, signed: map.signed, opacity, scale });
    for (const { place, red, green, blue, alpha } of stops)
      ramp.addColorStop(place, `rgb(${red} ${green} ${blue} / ${alpha})`);
    const format = map.signed ? pointsText : shareText;
    context.fillText(`${format(ends[0])} … ${format(ends[1])}`, left + TILE / 2 + 16, top + 16);
    context.fillStyle = ramp;
    context.fillRect(left, top, TILE / 2, 16);
    context.strokeStyle = MUTED;
    context.strokeRect(left, top, TILE / 2, 16);
  }
  context.fillStyle = MUTED;
  context.fillText(front === "difference" ? likeness(store) : description, left, top + 54, TILE);
  if (front !== "difference") {
    const { prompt } = store.data[front === "a" ? 0 : 1].info;
    context.fillText(
      prompt.text.replace(/\s+/g, " ").trim() || l10n.t("(empty prompt)"),
      left,
      top + 86,
      TILE,
    );
  }
}

function likeness({ comparison, data, state }: CompareStore): string {
  const { similarity } = comparison.map;
  const names = [
    choiceName(data[0].info, state.choice[0]),
    choiceName(data[1].info, state.choice[1]),
  ] as const;
  const of = names[0] === names[1] ? names[0] : `${names[0]} / ${names[1]}`;
  return similarity === null ? of : l10n.t("{0}: overlap {1}", of, formatShare(similarity.overlap));
}
