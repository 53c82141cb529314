import { checkPixels, type Pixels } from "./pixels.js";

/**
 * Puts the picture on a black canvas with its corner at (left, top), in whole pixels; what lies outside is cut off.
 * Negative positions therefore crop, positive ones pad.
 */
export function placePixels(
  image: Pixels,
  canvas: { readonly width: number; readonly height: number; readonly left: number; readonly top: number },
): Pixels {
  checkPixels(image);
  const { channels } = image;
  const { width, height, left, top } = canvas;
  const data = new Uint8Array(width * height * channels);
  const firstColumn = Math.max(0, -left);
  const endColumn = Math.min(image.width, width - left);
  if (endColumn <= firstColumn) return { data, width, height, channels };
  for (let y = Math.max(0, -top); y < Math.min(image.height, height - top); y++) {
    const row = y * image.width;
    const cut = image.data.subarray((row + firstColumn) * channels, (row + endColumn) * channels);
    data.set(cut, ((y + top) * width + firstColumn + left) * channels);
  }
  return { data, width, height, channels };
}
