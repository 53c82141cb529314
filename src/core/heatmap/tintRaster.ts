/** A colour scale: a value in 0..1 to red, green, blue in 0..255. */
export type ColourScale = (value: number) => readonly [number, number, number];

/**
 * Colours a raster of values in 0..1 [height * width] as RGBA with straight alpha: nothing at zero, `opacity` at one,
 * so that the picture under it stays visible where the map says little.
 */
export function tintRaster(raster: ArrayLike<number>, scale: ColourScale, opacity: number): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(raster.length * 4);
  const table = Array.from({ length: 256 }, (_, index) => scale(index / 255));
  for (let index = 0; index < raster.length; index += 1) {
    const value = Math.min(1, Math.max(0, raster[index] ?? 0));
    const [red, green, blue] = table[Math.round(value * 255)] ?? [0, 0, 0];
    pixels.set([red, green, blue, 255 * opacity * tintStrength(value)], index * 4);
  }
  return pixels;
}

/** Opacity of a value in 0..1 before the slider: rises early, so that middle values are seen. */
export function tintStrength(value: number): number {
  return Math.min(1, Math.max(0, value)) ** 0.75;
}
