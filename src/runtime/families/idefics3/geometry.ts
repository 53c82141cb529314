import { DexarError } from "../../../core/errors.js";
import type { Rectangle } from "../../../core/run/types.js";
import type { Size, SizeRule } from "../../image/resizedSize.js";
import { configCount } from "../configCount.js";
import { divide } from "../divide.js";
import type { ModelConfigs } from "../family.js";
import type { ImageLayout } from "../layout.js";

/** Beyond this side Python's processor shrinks a picture, whatever its configuration says. */
const LONGEST_SIDE = 4096;
const FILE = "preprocessor_config.json";

/** How a picture becomes square tiles: it is resized twice, cut, and seen once more as a whole. */
export interface TileGrid {
  /** After the first resize. */
  readonly resized: Size;
  /** After the second: whole tiles, which stretches the picture a little. */
  readonly stretched: Size;
  /** 0 where the picture is not cut: there is only the tile with all of it. */
  readonly rows: number;
  readonly cols: number;
  /** Side of a tile in pixels. */
  readonly tile: number;
}

/**
 * The tiles of a picture.
 * @throws DexarError `image-layout-unknown` or `model-config-damaged` for a configuration that does not say
 */
export function tileGrid(picture: Size, config: ModelConfigs["image"], rule: SizeRule): TileGrid {
  const tile = configCount(config, "max_image_size.longest_edge", FILE);
  const resized = config["do_resize"] === false ? picture : firstSize(picture, config, rule);
  if (config["do_image_splitting"] === false) {
    return { resized, stretched: { width: tile, height: tile }, rows: 0, cols: 0, tile };
  }
  const stretched = wholeTiles(resized, tile);
  const [rows, cols] = [stretched.height / tile, stretched.width / tile];
  const cut = rows > 1 || cols > 1;
  return { resized, stretched, rows: cut ? rows : 0, cols: cut ? cols : 0, tile };
}

/** The cells of all tiles, row by row, and then those of the whole picture; each tile's own, row by row. */
export function tilesLayout(picture: Size, configs: ModelConfigs, rule: SizeRule): ImageLayout {
  const { rows, cols } = tileGrid(picture, configs.image, rule);
  const side = Math.sqrt(tokensPerTile(configs));
  const whole: Rectangle = [0, 0, picture.width, picture.height];
  const tiles = rows > 0 ? divide(whole, cols, rows) : [];
  const each = `${side} x ${side} tokens each`;
  return {
    seen: whole,
    cells: [...tiles, whole].flatMap((box) => divide(box, side, side)),
    summary:
      rows > 0 ? `${cols} x ${rows} tiles and the whole picture, ${each}` : `the whole picture, ${each}`,
  };
}

/**
 * How many image tokens a tile has.
 * @throws DexarError `image-layout-unknown` where they form no square
 */
export function tokensPerTile(configs: ModelConfigs): number {
  if (configs.processor["image_seq_len"] === undefined) return tokensOfEncoder(configs);
  const count = configCount(configs.processor, "image_seq_len", "processor_config.json");
  if (Number.isInteger(Math.sqrt(count))) return count;
  throw new DexarError(
    "image-layout-unknown",
    `A tile has ${count} image tokens (image_seq_len), which form no square.`,
    "Take processor_config.json from the model's page.",
  );
}

function tokensOfEncoder({ config }: ModelConfigs): number {
  const count = (path: string) => configCount(config, path, "config.json");
  const patches = count("vision_config.image_size") / count("vision_config.patch_size");
  return Math.floor(patches / count("scale_factor")) ** 2;
}

/** The size after the first resize. */
function firstSize(picture: Size, config: ModelConfigs["image"], rule: SizeRule): Size {
  const size = (config["size"] ?? {}) as Readonly<Record<string, unknown>>;
  if ("height" in size && "width" in size) {
    return {
      width: configCount(config, "size.width", FILE),
      height: configCount(config, "size.height", FILE),
    };
  }
  const longest = configCount(config, "size.longest_edge", FILE);
  if (rule === "transformers.js") return roundedDown(picture, longest);
  const fitted = withLongest(picture, longest);
  const even = { width: fitted.width, height: fitted.height };
  // Python makes the side that follows even.
  if (picture.width >= picture.height) even.height += even.height % 2;
  else even.width += even.width % 2;
  return Math.max(even.width, even.height) > LONGEST_SIDE ? withLongest(even, LONGEST_SIDE) : even;
}

function withLongest({ width, height }: Size, longest: number): Size {
  const aspect = width / height;
  return width >= height
    ? { width: longest, height: Math.max(1, Math.trunc(longest / aspect)) }
    : { width: Math.max(1, Math.trunc(longest * aspect)), height: longest };
}

function roundedDown({ width, height }: Size, longest: number): Size {
  const factor = Math.min(longest / width, longest / height);
  const side = (length: number) => Math.max(1, Math.floor(Number((length * factor).toFixed(2))));
  return { width: side(width), height: side(height) };
}

/** The longer side up to whole tiles, the other as proportions have it and then up to whole tiles too. */
function wholeTiles({ width, height }: Size, tile: number): Size {
  const up = (length: number) => Math.max(1, Math.ceil(length / tile)) * tile;
  const aspect = width / height;
  return width >= height
    ? { width: up(width), height: up(Math.trunc(up(width) / aspect)) }
    : { width: up(Math.trunc(up(height) * aspect)), height: up(height) };
}
