import { DexarError } from "../../../core/errors.js";
import type { Rectangle } from "../../../core/run/types.js";
import { MAX_PIXELS, pictureTooNarrow } from "../../image/pictureErrors.js";
import type { Size, SizeRule } from "../../image/resizedSize.js";
import type { ModelConfigs } from "../family.js";
import type { ImageLayout } from "../layout.js";

/** Side of a tile in pixels: the vision encoder's, fixed in Python and in transformers.js. */
export const TILE = 336;
/** Tokens along a side of a tile. */
const ACROSS = 12;

/** A picture resized for its tiles, and the canvas of whole tiles that it lies on. */
export interface HdGrid {
  readonly resized: Size;
  readonly rows: number;
  readonly cols: number;
  /** Pixels of canvas left of and above the picture. */
  readonly left: number;
  readonly top: number;
}

/**
 * How large a picture becomes (Python's HD_transform): as many tiles as `crops` allows along its longer side.
 * transformers.js takes the width for it always.
 * @throws DexarError `image-too-narrow`
 */
export function hdGrid(picture: Size, crops: number, rule: SizeRule): HdGrid {
  const upright = rule === "python" && picture.width < picture.height;
  const ratio = upright ? picture.height / picture.width : picture.width / picture.height;
  let scale = 1;
  while ((scale + 1) * Math.ceil((scale + 1) / ratio) <= crops) scale++;
  const long = scale * TILE;
  const short = Math.floor(long / ratio);
  const resized = upright ? { width: short, height: long } : { width: long, height: short };
  if (short < 1 || resized.width * resized.height > MAX_PIXELS) throw pictureTooNarrow(picture, resized);
  const cols = Math.ceil(resized.width / TILE);
  const rows = Math.ceil(resized.height / TILE);
  const left = Math.floor((cols * TILE - resized.width) / 2);
  const top = Math.floor((rows * TILE - resized.height) / 2);
  return { resized, rows, cols, left, top };
}

/** How many tokens stand for a picture: tiles with a separator at each row's end, one between, the whole likewise. */
export function imageTokens({ rows, cols }: Pick<HdGrid, "rows" | "cols">): number {
  return (rows * cols + 1) * ACROSS ** 2 + 1 + (rows + 1) * ACROSS;
}

/** `num_crops` of preprocessor_config.json. @throws DexarError `model-config-damaged` */
export function cropsOf({ image }: Pick<ModelConfigs, "image">): number {
  const crops = image["num_crops"];
  if (Number.isInteger(crops) && Number(crops) > 0) return Number(crops);
  throw new DexarError(
    "model-config-damaged",
    "preprocessor_config.json does not say how many tiles a picture is cut into at most (num_crops).",
    "Take preprocessor_config.json from the model's page.",
  );
}

/**
 * Tiles and the picture as a whole, in the order of the tokens. A separator has no area: it stands for no place.
 * @throws DexarError `image-too-narrow`, `image-layout-unknown`, `model-config-damaged`
 */
export function hdLayout(picture: Size, configs: ModelConfigs, rule: SizeRule): ImageLayout {
  const crops = cropsOf(configs);
  const grid = hdGrid(picture, crops, rule);
  const seen: Rectangle = [0, 0, picture.width, picture.height];
  const separator: Rectangle = [0, 0, 0, 0];
  const regionOf = rule === "python" ? pythonTile : javascriptTile(Math.sqrt(crops));
  const cell = (region: Rectangle, row: number, col: number): Rectangle => {
    const [x, y, width, height] = region;
    const [w, h] = [width / ACROSS, height / ACROSS];
    return onPicture(picture, grid, [x + col * w, y + row * h, w, h]);
  };
  const tiles = steps(grid.rows * ACROSS).flatMap((row) => [
    ...steps(grid.cols * ACROSS).map((col) => {
      const region = regionOf(grid, Math.floor(row / ACROSS), Math.floor(col / ACROSS));
      return cell(region, row % ACROSS, col % ACROSS);
    }),
    separator,
  ]);
  const all: Rectangle = [0, 0, grid.cols * TILE, grid.rows * TILE];
  const whole = steps(ACROSS).flatMap((row) => [
    ...steps(ACROSS).map((col) => cell(all, row, col)),
    separator,
  ]);
  const cells = tilesFirst(configs) ? [...tiles, separator, ...whole] : [...whole, separator, ...tiles];
  const summary = `${grid.cols} x ${grid.rows} tiles of ${ACROSS} x ${ACROSS}, and the whole in ${ACROSS} x ${ACROSS}`;
  return { seen, cells, summary };
}

/** Where a tile lies on the canvas. */
function pythonTile(_: HdGrid, row: number, col: number): Rectangle {
  return [col * TILE, row * TILE, TILE, TILE];
}

/**
 * transformers.js always cuts the canvas into `across` x `across` parts, whatever its shape, and the vision encoder
 * takes the first of them for the tiles: in any but a square picture it sees parts squeezed and in other places.
 */
function javascriptTile(across: number): typeof pythonTile {
  return ({ rows, cols }, row, col) => {
    const index = row * cols + col;
    const width = Math.floor((cols * TILE) / across);
    const height = Math.floor((rows * TILE) / across);
    return [(index % across) * width, Math.floor(index / across) * height, width, height];
  };
}

/** A rectangle of the canvas in pixels of the picture, what lies beside it cut off. */
function onPicture(picture: Size, { resized, left, top }: HdGrid, [x, y, w, h]: Rectangle): Rectangle {
  const along = (edge: number, offset: number, from: number, to: number) =>
    Math.min(to, Math.max(0, ((edge - offset) * to) / from));
  const [x0, x1] = [x, x + w].map((edge) => along(edge, left, resized.width, picture.width)) as [
    number,
    number,
  ];
  const [y0, y1] = [y, y + h].map((edge) => along(edge, top, resized.height, picture.height)) as [
    number,
    number,
  ];
  return [x0, y0, x1 - x0, y1 - y0];
}

/** Whether the tiles come before the picture as a whole (`hd_transform_order`). */
function tilesFirst({ config }: ModelConfigs): boolean {
  const layer = config["embd_layer"] as { readonly hd_transform_order?: unknown } | undefined;
  const order = layer?.hd_transform_order ?? "sub_glb";
  if (order === "sub_glb" || order === "glb_sub") return order === "sub_glb";
  throw new DexarError(
    "image-layout-unknown",
    `config.json orders the tiles of a picture as ${JSON.stringify(order)} (embd_layer.hd_transform_order), which is not known.`,
    "Take config.json from the model's page; known are sub_glb and glb_sub.",
  );
}

function steps(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
