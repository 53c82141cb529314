/** Drawings of the icon sets, rasterised once for each (drawing, size). */

import { icons as fluentIcons } from "@iconify-json/fluent-emoji-flat";
import { icons as notoIcons } from "@iconify-json/noto";
import { Resvg } from "@resvg/resvg-js";
import type { Rgb } from "./colours";
import type { Drawing, IconSet } from "./nouns";
import type { Raster } from "./types";

/** The part of an Iconify icon set that is used here. */
interface IconData {
  readonly icons: Readonly<Record<string, { body: string; width?: number; height?: number }>>;
  readonly aliases?: Readonly<Record<string, { parent: string }>>;
  readonly width?: number;
  readonly height?: number;
}

const SETS: Readonly<Record<IconSet, IconData>> = { noto: notoIcons, fluent: fluentIcons };

export interface Glyph extends Raster {
  /** Mean colour of its opaque pixels, to keep it apart from the background. */
  readonly meanColour: Rgb;
}

const cache = new Map<string, Glyph>();

/** `set:icon`, the name of a drawing in scenes and caches. */
export function drawingName(drawing: Drawing): string {
  return `${drawing.set}:${drawing.icon}`;
}

/** The drawing, `size` pixels wide and high, on transparent ground. */
export function rasterise(drawing: Drawing, size: number): Glyph {
  const key = `${drawingName(drawing)}@${size}`;
  let glyph = cache.get(key);
  if (!glyph) {
    glyph = render(svgOf(drawing), size);
    cache.set(key, glyph);
  }
  return glyph;
}

function svgOf(drawing: Drawing): string {
  const set = SETS[drawing.set];
  const name = set.aliases?.[drawing.icon]?.parent ?? drawing.icon;
  const icon = set.icons[name];
  if (!icon) throw new Error(`no icon ${drawingName(drawing)}`);
  const width = icon.width ?? set.width ?? 16;
  const height = icon.height ?? set.height ?? 16;
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 ${width} ${height}">${icon.body}</svg>`;
}

function render(svg: string, size: number): Glyph {
  const image = new Resvg(svg, { fitTo: { mode: "width", value: size } }).render();
  const data = unpremultiplied(image.pixels);
  return { width: image.width, height: image.height, data, meanColour: meanColour(data) };
}

/** resvg gives premultiplied colour; compositing here wants it plain. */
function unpremultiplied(pixels: Uint8Array): Uint8Array {
  const out = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3] ?? 0;
    for (let c = 0; c < 3; c++) {
      out[i + c] = alpha === 0 ? 0 : Math.min(255, Math.round(((pixels[i + c] ?? 0) * 255) / alpha));
    }
    out[i + 3] = alpha;
  }
  return out;
}

function meanColour(data: Uint8Array): Rgb {
  const sum: [number, number, number] = [0, 0, 0];
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    if ((data[i + 3] ?? 0) < 128) continue;
    sum[0] += data[i] ?? 0;
    sum[1] += data[i + 1] ?? 0;
    sum[2] += data[i + 2] ?? 0;
    count++;
  }
  const n = Math.max(count, 1);
  return [sum[0] / n, sum[1] / n, sum[2] / n];
}
