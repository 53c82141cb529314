import { cellStrength } from "../../core/heatmap/cellStrength.js";
import { colourMap } from "../../core/heatmap/colourMap.js";
import { paintCells } from "../../core/heatmap/paintCells.js";
import { scaleCells } from "../../core/heatmap/scaleCells.js";
import { smooth } from "../../core/heatmap/smooth.js";
import { tintRaster } from "../../core/heatmap/tintRaster.js";
import type { RunInfo } from "../../core/run/types.js";
import { encodePng } from "../image/encode.js";
import { stretchedPicture } from "../image/preview.js";
import type { PictureStyle } from "./options.js";
import { pngAddress } from "./svg.js";

/** Smooth maps need no more pixels than this along a side: the drawing enlarges them, smoothly too. */
const SMOOTH_SIDE = 320;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The bare picture at a size in pixels, as a `data:` address; small pictures are enlarged smoothly. */
export async function pictureAddress(picture: Uint8Array, size: Size): Promise<string> {
  return pngAddress(await encodePng(await stretchedPicture(picture, size)));
}

/** A map [N] as a see-through layer of the picture's shape at a size in pixels, as a `data:` address. */
export async function mapAddress(
  values: Float32Array,
  info: RunInfo,
  size: Size,
  style: PictureStyle,
): Promise<string> {
  const { width, height } = style.smooth ? atMost(size, SMOOTH_SIDE) : size;
  const cells = scaleCells(info.cells, width / info.image.width, height / info.image.height);
  const raster = (style.smooth ? smooth : paintCells)(cellStrength(values, info.cells), cells, width, height);
  const data = tintRaster(raster, colourMap(style.colourMap), style.opacity);
  return pngAddress(await encodePng({ data: new Uint8Array(data.buffer), width, height, channels: 4 }));
}

function atMost({ width, height }: Size, side: number): Size {
  const factor = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

/** Smallest and largest value of a map. */
export function mapRange(values: Float32Array): { minimum: number; maximum: number } {
  return {
    minimum: values.reduce((a, b) => Math.min(a, b), Infinity),
    maximum: values.reduce((a, b) => Math.max(a, b), -Infinity),
  };
}

/** A colour scale as a strip of 256 x 1 pixels, its first colours as see-through as on the picture. */
export async function rampAddress(style: PictureStyle): Promise<string> {
  const ramp = Float32Array.from({ length: 256 }, (_, index) => index / 255);
  const data = tintRaster(ramp, colourMap(style.colourMap), style.opacity);
  return pngAddress(
    await encodePng({ data: new Uint8Array(data.buffer), width: 256, height: 1, channels: 4 }),
  );
}
