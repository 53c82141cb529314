import type { Rectangle } from "../run/types.js";

/**
 * A map [N] as a raster [height * width], row by row: each pixel is the mean of the cells that lie on it, weighted by
 * how much of the pixel each covers; 0 where there is no cell. Cells may overlap (tiles and a global view).
 */
export function paintCells(
  values: Float32Array,
  cells: readonly Rectangle[],
  width: number,
  height: number,
): Float32Array {
  const sum = new Float32Array(width * height);
  const cover = new Float32Array(width * height);
  for (const [index, [x, y, cellWidth, cellHeight]] of cells.entries()) {
    const value = values[index] ?? 0;
    const columns = coverage(x, x + cellWidth, width);
    const rows = coverage(y, y + cellHeight, height);
    for (const [row, rowShare] of rows)
      for (const [column, columnShare] of columns) {
        const pixel = row * width + column;
        const share = rowShare * columnShare;
        sum[pixel] = (sum[pixel] ?? 0) + share * value;
        cover[pixel] = (cover[pixel] ?? 0) + share;
      }
  }
  return sum.map((total, pixel) => ((cover[pixel] ?? 0) > 0 ? total / (cover[pixel] ?? 1) : 0));
}

/** The pixels of one axis that [from, to) lies on, with the covered share of each. */
function coverage(from: number, to: number, size: number): [pixel: number, share: number][] {
  const pixels: [number, number][] = [];
  for (let pixel = Math.max(0, Math.floor(from)); pixel < Math.min(size, Math.ceil(to)); pixel++) {
    const share = Math.min(to, pixel + 1) - Math.max(from, pixel);
    // Cells that only touch a pixel by rounding must not give it their whole value.
    if (share > 1e-6) pixels.push([pixel, share]);
  }
  return pixels;
}
