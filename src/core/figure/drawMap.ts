import { cellStrength } from "../heatmap/cellStrength.js";
import { colourMap } from "../heatmap/colourMap.js";
import { paintCells } from "../heatmap/paintCells.js";
import { regularGrid } from "../heatmap/regularGrid.js";
import { scaleCells } from "../heatmap/scaleCells.js";
import { smooth } from "../heatmap/smooth.js";
import { tintRaster } from "../heatmap/tintRaster.js";
import { tintSigned } from "../heatmap/tintSigned.js";
import { toBase64 } from "../run/packArrays.js";
import type { Rectangle, RunInfo } from "../run/types.js";
import { encodePng } from "./png.js";
import type { FigureMap, FigureStyle } from "./types.js";
import { decimal, tag } from "./xml.js";

/** Pixels of the raster per cell; viewers smooth further. */
const PIXELS_PER_CELL = 8;
const MOST_PIXELS = 512;

/**
 * Draws the map in pixels of the picture, each colour as see-through as its value is small: a rectangle per cell, or
 * one raster when it is smooth or its cells lie on each other.
 */
export async function drawMap(info: RunInfo, map: FigureMap, style: FigureStyle): Promise<string> {
  const strength = cellStrength(map.values, info.cells, map.signed);
  if (!style.smooth && regularGrid(info.cells)) return drawCells(info.cells, strength, map.signed, style);
  const { width, height } = rasterSize(info);
  const cells = scaleCells(info.cells, width / info.image.width, height / info.image.height);
  const raster = (style.smooth ? smooth : paintCells)(strength, cells, width, height);
  const tint = map.signed ? tintSigned : tintRaster;
  const pixels = tint(raster, colourMap(style.colourMap), style.opacity);
  return tag("image", {
    width: info.image.width,
    height: info.image.height,
    preserveAspectRatio: "none",
    href: `data:image/png;base64,${toBase64(await encodePng(pixels, width, height))}`,
  });
}

function drawCells(
  cells: readonly Rectangle[],
  strength: Float32Array,
  signed: boolean,
  { colourMap: name, opacity }: FigureStyle,
): string {
  const scale = colourMap(name);
  const rects = cells.map(([x, y, width, height], index) => {
    const value = strength[index] ?? 0;
    const alpha = opacity * Math.abs(value);
    if (alpha < 0.002) return "";
    const fill = `rgb(${scale(signed ? (1 + value) / 2 : value).join(",")})`;
    return tag("rect", { x, y, width, height, fill, "fill-opacity": decimal(alpha) });
  });
  // Edges on whole pixels: neighbours that are both softened would leave a seam.
  return tag("g", { "shape-rendering": "crispEdges" }, rects.join(""));
}

function rasterSize({ image, cells }: RunInfo): { width: number; height: number } {
  const longest = Math.max(image.width, image.height);
  const smallest = cells.reduce((least, [, , width, height]) => Math.min(least, width, height), longest);
  const factor = Math.min((PIXELS_PER_CELL * longest) / Math.max(smallest, 1e-6), MOST_PIXELS) / longest;
  return {
    width: Math.max(1, Math.round(image.width * factor)),
    height: Math.max(1, Math.round(image.height * factor)),
  };
}
