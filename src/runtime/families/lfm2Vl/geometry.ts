import type { Rectangle } from "../../../core/run/types.js";
import type { Size, SizeRule } from "../../image/resizedSize.js";
import { divide } from "../divide.js";
import type { ModelConfigs } from "../family.js";
import type { ImageLayout } from "../layout.js";
import { halfToEven } from "../qwenVl/smartResize.js";
import { imageConfig, type ImageConfig } from "./imageConfig.js";

/** How a picture becomes views: tiles and a thumbnail, or the picture alone. */
export interface ViewGrid {
  /** 1 and 1 for a picture that is not cut. */
  readonly rows: number;
  readonly cols: number;
  /** Size of the picture alone, or of the thumbnail, in pixels of the model's input. */
  readonly small: Size;
  /** Whether `small` is among the views: not for a cut picture whose model takes no thumbnail. */
  readonly seesWhole: boolean;
}

/** The views of a picture. */
export function viewGrid(picture: Size, config: ImageConfig, rule: SizeRule): ViewGrid {
  const [cols, rows] = isLarge(picture, config, rule) ? nearestRatio(picture, config) : [1, 1];
  const whole = cols * rows === 1;
  return { rows, cols, small: smallSize(picture, config, rule), seesWhole: whole || config.thumbnail };
}

/** The cells of all tiles, row by row, and then those of the thumbnail; each view's own, row by row. */
export function viewsLayout(picture: Size, configs: ModelConfigs, rule: SizeRule): ImageLayout {
  const config = imageConfig(configs.image);
  const { rows, cols, small, seesWhole } = viewGrid(picture, config, rule);
  const whole: Rectangle = [0, 0, picture.width, picture.height];
  const across = config.tile / config.unit;
  const [wide, high] = [small.width / config.unit, small.height / config.unit];
  const isCut = rows * cols > 1;
  const tiles = isCut ? divide(whole, cols, rows).flatMap((box) => divide(box, across, across)) : [];
  const tileText = `${cols} x ${rows} tiles of ${across} x ${across} tokens`;
  const smallText = `${wide} x ${high}${isCut ? " of a thumbnail" : ""}`;
  return {
    seen: whole,
    cells: [...tiles, ...(seesWhole ? divide(whole, wide, high) : [])],
    summary: [...(isCut ? [tileText] : []), ...(seesWhole ? [smallText] : [])].join(", "),
  };
}

function rounding(rule: SizeRule): (value: number) => number {
  return rule === "python" ? halfToEven : Math.round;
}

function isLarge({ width, height }: Size, config: ImageConfig, rule: SizeRule): boolean {
  const { unit, patch, maxTokens, tolerance } = config;
  const side = (length: number) => Math.max(patch, rounding(rule)(length / unit) * unit);
  return config.splits && side(width) * side(height) > maxTokens * unit ** 2 * tolerance;
}

/** Columns and rows of the grid whose proportions are nearest to the picture's; of two, the larger for a large picture. */
function nearestRatio({ width, height }: Size, { minTiles, maxTiles, tile }: ImageConfig): [number, number] {
  let best: [number, number] = [1, 1];
  let nearest = Infinity;
  for (const [cols, rows] of ratios(minTiles, maxTiles)) {
    const off = Math.abs(width / height - cols / rows);
    const isBetter = off < nearest || (off === nearest && width * height > 0.5 * tile ** 2 * cols * rows);
    if (isBetter) best = [cols, rows];
    nearest = Math.min(nearest, off);
  }
  return best;
}

/** All grids with `min` to `max` tiles, fewest tiles first. */
function ratios(min: number, max: number): [number, number][] {
  const sides = Array.from({ length: max }, (_, i) => i + 1);
  const all = sides.flatMap((cols) => sides.map((rows): [number, number] => [cols, rows]));
  return all
    .filter(([cols, rows]) => cols * rows >= min && cols * rows <= max)
    .sort(([a, b], [c, d]) => a * b - c * d);
}

/** Sides that are whole tokens, as many as the model takes in one view, proportions kept as well as that allows. */
function smallSize(picture: Size, { unit, minTokens, maxTokens }: ImageConfig, rule: SizeRule): Size {
  // transformers.js takes a side below a token's for one of that length.
  const least = rule === "python" ? 1 : unit;
  const [width, height] = [Math.max(least, picture.width), Math.max(least, picture.height)];
  const sized = (side: (length: number) => number): Size => ({
    width: Math.max(unit, side(width) * unit),
    height: Math.max(unit, side(height) * unit),
  });
  const near = sized((length) => rounding(rule)(length / unit));
  const tokens = (near.width * near.height) / unit ** 2;
  if (tokens > maxTokens) {
    const shrink = Math.sqrt((width * height) / (maxTokens * unit ** 2));
    return sized((length) => Math.floor(length / shrink / unit));
  }
  if (tokens < minTokens) {
    const grow = Math.sqrt((minTokens * unit ** 2) / (width * height));
    return sized((length) => Math.ceil((length * grow) / unit));
  }
  return near;
}
