import { colourMap } from "../../src/core/heatmap/colourMap.js";
import { minMax } from "../../src/core/heatmap/minMax.js";
import { paintCells } from "../../src/core/heatmap/paintCells.js";
import { scaleCells } from "../../src/core/heatmap/scaleCells.js";
import { smooth } from "../../src/core/heatmap/smooth.js";
import { tintRaster } from "../../src/core/heatmap/tintRaster.js";
import type { Rectangle, RunInfo } from "../../src/core/run/types.js";
import { element } from "../components/element.js";
import type { MapStyle } from "./store.js";

/** The picture with one map on it. */
export interface ImageView {
  readonly root: HTMLElement;
  /** Draws a map [N]; `label` says in words what is seen. */
  show(values: Float32Array, style: MapStyle, label: string): void;
  /** Fits the canvas to the room there is, and draws again. */
  resize(): void;
}

/** The cell of the map under a point of the picture: the smallest that holds it; -1 outside all of them. */
export function cellAt(cells: readonly Rectangle[], x: number, y: number): number {
  let found = -1;
  let area = Infinity;
  cells.forEach(([left, top, width, height], index) => {
    const inside = x >= left && x < left + width && y >= top && y < top + height;
    if (inside && width * height < area) {
      found = index;
      area = width * height;
    }
  });
  return found;
}

/** Size of the drawn picture, in CSS pixels: as large as fits the width, at most `most` high. */
export function fitImage(picture: { width: number; height: number }, width: number, most: number) {
  const factor = Math.min(width / picture.width, most / picture.height);
  return {
    width: Math.max(1, Math.floor(picture.width * factor)),
    height: Math.max(1, Math.floor(picture.height * factor)),
  };
}

/** Draws the picture; `hover` is told which cell the pointer is on (-1: none). */
export function drawImageView(
  info: RunInfo,
  picture: HTMLImageElement,
  hover: (cell: number) => void,
): ImageView {
  const canvas = element("canvas", { attributes: { role: "img" } });
  const root = element("div.stage", {}, canvas);
  let shown: { values: Float32Array; style: MapStyle; label: string } | null = null;
  let hovered = -1;
  const draw = (): void => {
    const context = canvas.getContext("2d");
    if (!context || !shown) return;
    canvas.setAttribute("aria-label", shown.label);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.filter = shown.style.grey ? "grayscale(1)" : "none";
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    context.filter = "none";
    drawMap(context, info, shown.values, shown.style);
    context.setTransform(canvas.width / info.image.width, 0, 0, canvas.height / info.image.height, 0, 0);
    drawUnseen(context, info);
    const cell = info.cells[hovered];
    if (cell) drawCellFrame(context, cell);
  };
  const point = (cell: number): void => {
    if (cell === hovered) return;
    hovered = cell;
    draw();
    hover(cell);
  };
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) * info.image.width) / box.width;
    const y = ((event.clientY - box.top) * info.image.height) / box.height;
    point(cellAt(info.cells, x, y));
  });
  canvas.addEventListener("pointerleave", () => point(-1));
  return {
    root,
    show(values, style, label) {
      shown = { values, style, label };
      draw();
    },
    resize() {
      const size = fitImage(
        info.image,
        Math.max(40, root.clientWidth),
        Math.max(240, window.innerHeight * 0.66),
      );
      const density = window.devicePixelRatio || 1;
      canvas.width = Math.round(size.width * density);
      canvas.height = Math.round(size.height * density);
      canvas.style.width = `${size.width}px`;
      canvas.style.height = `${size.height}px`;
      draw();
    },
  };
}

/** Smooth maps are drawn small and enlarged; bare cells need the pixels of the canvas for sharp edges. */
function drawMap(
  context: CanvasRenderingContext2D,
  info: RunInfo,
  values: Float32Array,
  style: MapStyle,
): void {
  const { width, height } = context.canvas;
  const most = style.smooth ? 384 : 1024;
  const factor = Math.min(1, most / Math.max(width, height));
  const size = {
    width: Math.max(1, Math.round(width * factor)),
    height: Math.max(1, Math.round(height * factor)),
  };
  const cells = scaleCells(info.cells, size.width / info.image.width, size.height / info.image.height);
  const raster = (style.smooth ? smooth : paintCells)(minMax(values), cells, size.width, size.height);
  const layer = new OffscreenCanvas(size.width, size.height);
  const data = tintRaster(raster, colourMap(style.colourMap), style.opacity);
  layer.getContext("2d")?.putImageData(new ImageData(data, size.width, size.height), 0, 0);
  context.imageSmoothingEnabled = style.smooth;
  context.drawImage(layer, 0, 0, width, height);
  context.imageSmoothingEnabled = true;
}

function drawUnseen(context: CanvasRenderingContext2D, info: RunInfo): void {
  const { width, height, seen } = info.image;
  if (seen[2] >= width && seen[3] >= height) return;
  const unseen = new Path2D();
  unseen.rect(0, 0, width, height);
  unseen.rect(...seen);
  context.save();
  context.clip(unseen, "evenodd");
  context.fillStyle = "rgba(255, 255, 255, 0.6)";
  context.fillRect(0, 0, width, height);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.strokeStyle = "rgba(70, 78, 88, 0.8)";
  context.lineWidth = window.devicePixelRatio || 1;
  const step = 8 * context.lineWidth;
  context.beginPath();
  for (let x = -context.canvas.height; x < context.canvas.width; x += step) {
    context.moveTo(x, context.canvas.height);
    context.lineTo(x + context.canvas.height, 0);
  }
  context.stroke();
  context.restore();
}

function drawCellFrame(context: CanvasRenderingContext2D, cell: Rectangle): void {
  const scale = context.getTransform().a || 1;
  for (const [colour, width] of [
    ["#000000", 3],
    ["#ffffff", 1.25],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = (width * (window.devicePixelRatio || 1)) / scale;
    context.strokeRect(...cell);
  }
}
