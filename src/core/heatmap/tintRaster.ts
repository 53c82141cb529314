/** A colour scale: a value in 0..1 to red, green, blue in 0..255. */
export type ColourScale = (value: number) => readonly [number, number, number];

/**
 * Colours a raster of values in 0..1 [height * width] as RGBA with straight alpha: nothing at zero, `opacity` at one,
 * in proportion between, so that the picture under it stays visible where the map says little.
 */
export function tintRaster(
  raster: ArrayLike<number>,
  scale: ColourScale,
  opacity: number,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(raster.length * 4);
  const table = colourTable(scale, opacity);
  for (let index = 0; index < raster.length; index += 1) {
    const step = 4 * Math.round(255 * Math.min(1, Math.max(0, raster[index] ?? 0)));
    const pixel = 4 * index;
    pixels[pixel] = table[step] ?? 0;
    pixels[pixel + 1] = table[step + 1] ?? 0;
    pixels[pixel + 2] = table[step + 2] ?? 0;
    pixels[pixel + 3] = table[step + 3] ?? 0;
  }
  return pixels;
}

/** The last table of each scale: map after map is drawn in the same colours. */
const TABLES = new WeakMap<ColourScale, { readonly opacity: number; readonly table: Uint8ClampedArray }>();

/** RGBA of 256 steps from 0 to 1. */
function colourTable(scale: ColourScale, opacity: number): Uint8ClampedArray {
  const known = TABLES.get(scale);
  if (known?.opacity === opacity) return known.table;
  const table = Uint8ClampedArray.from(
    Array.from({ length: 256 }, (_, step) => [...scale(step / 255), opacity * step]).flat(),
  );
  TABLES.set(scale, { opacity, table });
  return table;
}
