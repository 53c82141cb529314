import type { ColourMapName } from "../../core/heatmap/colourMap.js";

/** How the maps of a picture are drawn; everything has a default. */
export interface PictureOptions {
  readonly colourMap?: ColourMapName;
  /** Bilinear between cells (default), or the bare cells. */
  readonly smooth?: boolean;
  /** Opacity of a map's largest value, 0 to 1. */
  readonly opacity?: number;
  /** Pixels of the PNG per unit of the drawing; 2 by default, less for very many tokens. */
  readonly scale?: number;
}

/** Options with their defaults filled in; `scale` is decided by the size of the drawing. */
export interface PictureStyle {
  readonly colourMap: ColourMapName;
  readonly smooth: boolean;
  readonly opacity: number;
}

/** Fills in the defaults. */
export function pictureStyle(options: PictureOptions): PictureStyle {
  return {
    colourMap: options.colourMap ?? "viridis",
    smooth: options.smooth ?? true,
    opacity: options.opacity ?? 0.75,
  };
}
