import sharp, { type Sharp } from "sharp";
import { openPicture } from "./openPicture.js";
import { pictureFileOf } from "./pictureFile.js";
import type { Pixels } from "./pixels.js";

/** The picture of a run as the model saw it (upright, first frame, no alpha), shrunk to fit `maxSide`, never enlarged. */
export async function previewPicture(bytes: Uint8Array, maxSide: number): Promise<Pixels> {
  return pixelsOf(
    upright(bytes).resize({ width: maxSide, height: maxSide, fit: "inside", withoutEnlargement: true }),
  );
}

/** The same stretched to a size; small pictures are enlarged smoothly. */
export async function stretchedPicture(
  bytes: Uint8Array,
  size: { readonly width: number; readonly height: number },
): Promise<Pixels> {
  return pixelsOf(
    upright(bytes).resize({ width: size.width, height: size.height, fit: "fill", kernel: "lanczos3" }),
  );
}

function upright(bytes: Uint8Array): Sharp {
  const { format } = pictureFileOf(bytes, "The run's picture");
  return openPicture(bytes, format).removeAlpha();
}

async function pixelsOf(picture: Sharp): Promise<Pixels> {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height, channels: 3 };
}

/** How much a JPEG keeps; `4:2:0`: colours at half the resolution. */
export interface JpegQuality {
  /** 1 to 100. */
  readonly quality: number;
  readonly chromaSubsampling: "4:4:4" | "4:2:0";
}

/** A JPEG file of RGB pixels, for photographs inside a page. */
export async function encodeJpeg(
  { data, width, height }: Pixels,
  { quality, chromaSubsampling }: JpegQuality,
): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling })
    .toBuffer();
}

/**
 * A PNG file of an SVG document at the size it states.
 * @param small with 256 colours, for places that keep many of them
 */
export async function svgToPng(svg: string, small = false): Promise<Uint8Array> {
  return sharp(Buffer.from(svg), { unlimited: true, limitInputPixels: false })
    .png(small ? { palette: true, effort: 3, dither: 0.5, compressionLevel: 9 } : { compressionLevel: 8 })
    .toBuffer();
}
