import { cellStrength } from "../../src/core/heatmap/cellStrength.js";
import { colourMap, type ColourMapName, type Rgb } from "../../src/core/heatmap/colourMap.js";
import { mapColours } from "../../src/core/heatmap/mapColours.js";
import { paintCells } from "../../src/core/heatmap/paintCells.js";
import { regularGrid, type RegularGrid } from "../../src/core/heatmap/regularGrid.js";
import { scaleCells } from "../../src/core/heatmap/scaleCells.js";
import { smooth } from "../../src/core/heatmap/smooth.js";
import { tintRaster } from "../../src/core/heatmap/tintRaster.js";
import { tintSigned } from "../../src/core/heatmap/tintSigned.js";
import type { Rectangle, RunInfo } from "../../src/core/run/types.js";
import type { PresentMap } from "./presentMap.js";
import type { MapStyle } from "./store.js";

/** A coloured map, ready to be laid on the picture. */
export interface MapLayer {
  readonly image: OffscreenCanvas;
  /** Where it lies, in pixels of the picture. */
  readonly box: Rectangle;
  /** Drawn enlarged without smoothing when false. */
  readonly smooth: boolean;
}

/** Colours maps of one run, and keeps the last ones: walking over tokens must not pay for each again. */
export interface MapPainter {
  paint(map: PresentMap, style: MapStyle): MapLayer;
}

const KEPT_LAYERS = 80;
/** Raster pixels per cell of a smooth map; the canvas smooths further. */
const PIXELS_PER_CELL = 8;
const MOST_PIXELS = 384;

/** What of a run its maps are painted by: the cells in pixels of a picture of this size. */
export interface PaintedRun {
  readonly cells: RunInfo["cells"];
  readonly image: Pick<RunInfo["image"], "width" | "height">;
}

/** Makes the painter of a run. */
export function mapPainter(info: PaintedRun): MapPainter {
  const raster = rasterOf(info);
  const layers = new Map<Float32Array, { key: string; layer: MapLayer }>();
  return {
    paint(map, style) {
      const colours = mapColours(style.colourMap, map.signed);
      const key = `${colours} ${style.smooth} ${style.opacity} ${map.most ?? "own"}`;
      const known = layers.get(map.values);
      const layer = known?.key === key ? known.layer : drawLayer(raster, map, { ...style, colours });
      layers.delete(map.values);
      layers.set(map.values, { key, layer });
      for (const oldest of layers.keys()) {
        if (layers.size <= KEPT_LAYERS) break;
        layers.delete(oldest);
      }
      return layer;
    },
  };
}

const SCALES = new Map<ColourMapName, (value: number) => Rgb>();

/** The colour map of a name, made once. */
export function colourScale(name: ColourMapName): (value: number) => Rgb {
  const scale = SCALES.get(name) ?? colourMap(name);
  SCALES.set(name, scale);
  return scale;
}

type LayerStyle = Pick<MapStyle, "smooth" | "opacity"> & { readonly colours: ColourMapName };

/** What the maps of a run are drawn on: the same for all of them. */
interface RunRaster {
  readonly grid: RegularGrid | null;
  readonly image: PaintedRun["image"];
  readonly width: number;
  readonly height: number;
  /** In pixels of the raster. */
  readonly cells: readonly Rectangle[];
}

function rasterOf(info: PaintedRun): RunRaster {
  const { image } = info;
  const grid = regularGrid(info.cells);
  const { width, height } = rasterSize(info, grid);
  const cells = scaleCells(info.cells, width / image.width, height / image.height);
  return { grid, image, width, height, cells };
}

function drawLayer({ grid, ...run }: RunRaster, map: PresentMap, style: LayerStyle): MapLayer {
  const strength = strengthOf(map, run.cells);
  // Bare cells of a grid are single pixels, enlarged with sharp edges.
  if (grid && !style.smooth) {
    const raster = Float32Array.from(grid.order, (cell) => strength[cell] ?? 0);
    const box: Rectangle = [grid.left, grid.top, grid.columns * grid.cellWidth, grid.rows * grid.cellHeight];
    return { image: coloured(raster, grid.columns, grid.rows, map.signed, style), box, smooth: false };
  }
  const raster = (style.smooth ? smooth : paintCells)(strength, run.cells, run.width, run.height);
  const image = coloured(raster, run.width, run.height, map.signed, style);
  return { image, box: [0, 0, run.image.width, run.image.height], smooth: style.smooth };
}

function strengthOf({ values, signed, most }: PresentMap, cells: readonly Rectangle[]): Float32Array {
  if (signed || most === undefined) return cellStrength(values, cells, signed);
  return values.map((value) => (most > 0 ? value / most : 0));
}

function rasterSize({ image }: PaintedRun, grid: RegularGrid | null): { width: number; height: number } {
  const longest = Math.max(image.width, image.height);
  const wanted = grid ? (PIXELS_PER_CELL * longest) / Math.min(grid.cellWidth, grid.cellHeight) : MOST_PIXELS;
  const factor = Math.min(wanted, MOST_PIXELS) / longest;
  return {
    width: Math.max(1, Math.round(image.width * factor)),
    height: Math.max(1, Math.round(image.height * factor)),
  };
}

function coloured(
  raster: Float32Array,
  width: number,
  height: number,
  signed: boolean,
  { colours, opacity }: LayerStyle,
): OffscreenCanvas {
  const scale = colourScale(colours);
  const pixels = signed ? tintSigned(raster, scale, opacity) : tintRaster(raster, scale, opacity);
  const image = new OffscreenCanvas(width, height);
  image.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
  return image;
}
