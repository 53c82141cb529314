import sharp from "sharp";
import { checkPixels, type Pixels } from "./pixels.js";

/** A PNG file of the pixels, without loss. */
export async function encodePng(image: Pixels): Promise<Uint8Array> {
  checkPixels(image);
  const { data, width, height, channels } = image;
  return sharp(data, { raw: { width, height, channels } }).png().toBuffer();
}
