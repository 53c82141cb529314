import sharp, { type Sharp } from "sharp";
import { checkPixels, type Pixels } from "./pixels.js";

/** A picture on top of another: pixels (RGBA to be see-through) or the bytes of a PNG or SVG file. */
export interface Layer {
  readonly image: Pixels | Uint8Array;
  readonly left: number;
  readonly top: number;
}

/** A PNG file of the pixels, without loss. */
export async function encodePng(image: Pixels): Promise<Uint8Array> {
  return fromPixels(image).png().toBuffer();
}

/** A PNG file of layers drawn one over the other on a canvas of one colour; layers must lie on the canvas. */
export async function composePng(
  canvas: {
    readonly width: number;
    readonly height: number;
    readonly background: readonly [number, number, number];
  },
  layers: readonly Layer[],
): Promise<Uint8Array> {
  const [r, g, b] = canvas.background;
  const base = sharp({
    create: { width: canvas.width, height: canvas.height, channels: 3, background: { r, g, b } },
  });
  const overlays = layers.map(async ({ image, left, top }) => ({
    input: Buffer.from(image instanceof Uint8Array ? image : await encodePng(image)),
    left,
    top,
  }));
  return base
    .composite(await Promise.all(overlays))
    .removeAlpha()
    .png()
    .toBuffer();
}

function fromPixels(image: Pixels): Sharp {
  checkPixels(image);
  const { data, width, height, channels } = image;
  return sharp(data, { raw: { width, height, channels } });
}
