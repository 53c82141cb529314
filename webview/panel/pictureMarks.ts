import type { Rectangle, RunInfo } from "../../src/core/run/types.js";
import { isCropped } from "../../src/core/heatmap/isCropped.js";
import { tileBoxes } from "../../src/core/heatmap/tileBoxes.js";

/** What is drawn over picture and map. The context's transform maps pixels of the picture to the canvas. */
export interface Marks {
  readonly grid: boolean;
  readonly tiles: boolean;
  /** The framed cell; -1 for none. */
  readonly cell: number;
  readonly region: Rectangle | null;
}

/** Draws hatching, lines and frames; `unit` is a CSS pixel in pixels of the canvas. */
export function drawMarks(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  info: RunInfo,
  marks: Marks,
  unit: number,
): void {
  drawUnseen(context, info, unit);
  if (marks.grid) drawGrid(context, info.cells, unit);
  if (marks.tiles) drawTiles(context, info.cells, unit);
  if (marks.region) drawRegion(context, info, marks.region, unit);
  const cell = info.cells[marks.cell];
  if (cell) frame(context, cell, unit);
}

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Line width in the units of the present transform. */
function lineWidth(context: Context, pixels: number): number {
  return pixels / (context.getTransform().a || 1);
}

function drawUnseen(context: Context, info: RunInfo, unit: number): void {
  if (!isCropped(info)) return;
  const { width, height, seen } = info.image;
  const unseen = new Path2D();
  unseen.rect(0, 0, width, height);
  unseen.rect(...seen);
  context.save();
  context.clip(unseen, "evenodd");
  context.fillStyle = "rgba(255, 255, 255, 0.6)";
  context.fillRect(0, 0, width, height);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.strokeStyle = "rgba(70, 78, 88, 0.8)";
  context.lineWidth = unit;
  const canvas = context.canvas;
  context.beginPath();
  for (let x = -canvas.height; x < canvas.width; x += 8 * unit) {
    context.moveTo(x, canvas.height);
    context.lineTo(x + canvas.height, 0);
  }
  context.stroke();
  context.restore();
}

function drawGrid(context: Context, cells: readonly Rectangle[], unit: number): void {
  context.beginPath();
  for (const cell of cells) context.rect(...cell);
  context.strokeStyle = "rgba(255, 255, 255, 0.35)";
  context.lineWidth = lineWidth(context, unit);
  context.stroke();
}

function drawTiles(context: Context, cells: readonly Rectangle[], unit: number): void {
  const tiles = tileBoxes(cells);
  if (tiles.length < 2) return;
  context.beginPath();
  for (const tile of tiles) context.rect(...tile);
  twoTone(context, unit, () => context.stroke());
}

/** What lies outside the region is veiled, its border dashed. */
function drawRegion(context: Context, info: RunInfo, region: Rectangle, unit: number): void {
  const outside = new Path2D();
  outside.rect(0, 0, info.image.width, info.image.height);
  outside.rect(...region);
  context.fillStyle = "rgba(0, 0, 0, 0.35)";
  context.fill(outside, "evenodd");
  context.save();
  twoTone(context, unit, (light) => {
    if (light) context.setLineDash([lineWidth(context, 5 * unit), lineWidth(context, 4 * unit)]);
    context.strokeRect(...region);
  });
  context.restore();
}

function frame(context: Context, cell: Rectangle, unit: number): void {
  twoTone(context, 1.25 * unit, () => context.strokeRect(...cell));
}

/** A light line on a dark one is seen on any picture. */
function twoTone(context: Context, unit: number, stroke: (light: boolean) => void): void {
  for (const [colour, width, light] of [
    ["rgba(0, 0, 0, 0.85)", 3, false],
    ["#ffffff", 1.25, true],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = lineWidth(context, width * unit);
    stroke(light);
  }
}
