import { colourMap } from "../../core/heatmap/colourMap.js";
import { minMax } from "../../core/heatmap/minMax.js";
import { paintCells } from "../../core/heatmap/paintCells.js";
import { scaleCells } from "../../core/heatmap/scaleCells.js";
import { smooth } from "../../core/heatmap/smooth.js";
import { tintRaster } from "../../core/heatmap/tintRaster.js";
import type { RunInfo } from "../../core/run/types.js";
import { encodePng } from "../image/encode.js";
import type { Pixels } from "../image/pixels.js";
import { resizePil } from "../image/resizePil.js";
import type { PictureStyle } from "./options.js";
import { pngAddress } from "./svg.js";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The bare picture at a size in pixels, as a `data:` address; small pictures are enlarged smoothly. */
export async function pictureAddress(picture: Pixels, size: Size): Promise<string> {
  return pngAddress(await encodePng(resizePil(picture, size.width, size.height, "lanczos")));
}

/** A map [N] as a see-through layer of the picture's shape at a size in pixels, as a `data:` address. */
export async function mapAddress(values: Float32Array, info: RunInfo, size: Size, style: PictureStyle): Promise<string> {
  const cells = scaleCells(info.cells, size.width / info.image.width, size.height / info.image.height);
  const draw = style.smooth ? smooth : paintCells;
  const raster = draw(minMax(values), cells, size.width, size.height);
  const data = tintRaster(raster, colourMap(style.colourMap), style.opacity);
  return pngAddress(await encodePng({ data: new Uint8Array(data.buffer), ...size, channels: 4 }));
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
  return pngAddress(await encodePng({ data: new Uint8Array(data.buffer), width: 256, height: 1, channels: 4 }));
}
