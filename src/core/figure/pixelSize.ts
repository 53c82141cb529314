import type { Figure } from "./types.js";

/** Pixels along one side, and in all, that every browser's canvas has. */
const MOST_SIDE = 16_000;
const MOST_PIXELS = 100_000_000;
const MM_PER_INCH = 25.4;

/** Size of a figure in pixels. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
  /** As asked for, or less where the picture would be too large. */
  readonly dpi: number;
}

/** How many pixels a figure has at a resolution. */
export function pixelSize(
  { widthMm, heightMm }: Pick<Figure, "widthMm" | "heightMm">,
  dpi: number,
): PixelSize {
  const [width, height] = [widthMm / MM_PER_INCH, heightMm / MM_PER_INCH];
  const most = Math.min(MOST_SIDE / Math.max(width, height), Math.sqrt(MOST_PIXELS / (width * height)));
  const used = Math.min(dpi, most);
  return {
    width: Math.max(1, Math.round(width * used)),
    height: Math.max(1, Math.round(height * used)),
    dpi: used,
  };
}

/** The figure's document with its size in pixels in place of millimetres, for what draws it as a raster. */
export function svgInPixels(svg: string, { width, height }: PixelSize): string {
  return svg.replace(/ width="[\d.]+mm" height="[\d.]+mm"/, ` width="${width}" height="${height}"`);
}
