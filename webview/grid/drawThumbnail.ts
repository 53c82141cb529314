import type { AnswerSummary } from "../../src/core/run/answerSummary.js";
import { mapPainter } from "../panel/mapLayer.js";
import { DEFAULT_STYLE } from "../panel/store.js";
import { preferredOptions, type DrawingPreferences } from "../panel/viewState.js";

/** Longest side of a thumbnail, in pixels of the screen: the picture itself is not kept. */
const MOST_PIXELS = 720;

/** Draws a run's picture with the map of its whole answer into a canvas, as large as a card needs it. */
export async function drawThumbnail(
  canvas: HTMLCanvasElement,
  summary: AnswerSummary,
  preferences: DrawingPreferences | null,
): Promise<void> {
  const { picture, width, height, cells, map } = summary;
  const image = new Image();
  image.src = picture;
  await image.decode();
  const factor = Math.min(1, MOST_PIXELS / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * factor));
  canvas.height = Math.max(1, Math.round(height * factor));
  const context = canvas.getContext("2d");
  if (!context) return;
  context.imageSmoothingQuality = "high";
  context.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
  context.drawImage(image, 0, 0, width, height);
  const style = { ...DEFAULT_STYLE, ...(preferences && preferredOptions(preferences).style) };
  const layer = mapPainter({ image: { width, height }, cells }).paint(
    { values: map, signed: false, title: "" },
    style,
  );
  context.imageSmoothingEnabled = layer.smooth;
  context.drawImage(layer.image, ...layer.box);
}
