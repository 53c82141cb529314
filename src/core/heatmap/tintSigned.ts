import type { ColourScale } from "./tintRaster.js";

/** Steps on each side of 0. */
const STEPS = 255;

/**
 * Colours a raster of values in -1..1 [height * width] as RGBA with straight alpha: nothing at zero, `opacity` at
 * both ends, in proportion to the size between.
 * @param scale two-sided: 0 is the colour of -1, 0.5 of 0, 1 of 1
 */
export function tintSigned(
  raster: ArrayLike<number>,
  scale: ColourScale,
  opacity: number,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(raster.length * 4);
  const table = Uint8ClampedArray.from(
    Array.from({ length: 2 * STEPS + 1 }, (_, step) => [
      ...scale(step / (2 * STEPS)),
      opacity * Math.abs(step - STEPS),
    ]).flat(),
  );
  for (let index = 0; index < raster.length; index += 1) {
    const step = 4 * Math.round(STEPS * (1 + Math.min(1, Math.max(-1, raster[index] ?? 0))));
    const pixel = 4 * index;
    pixels[pixel] = table[step] ?? 0;
    pixels[pixel + 1] = table[step + 1] ?? 0;
    pixels[pixel + 2] = table[step + 2] ?? 0;
    pixels[pixel + 3] = table[step + 3] ?? 0;
  }
  return pixels;
}
