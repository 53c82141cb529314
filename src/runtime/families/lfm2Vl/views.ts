import { Tensor } from "@huggingface/transformers";
import type { PilImage } from "../../image/pilImage.js";
import { valueOf, type ValueRules } from "../pixelValues.js";
import type { ViewGrid } from "./geometry.js";
import type { ImageConfig } from "./imageConfig.js";

/** Pillow's number for bilinear, which Python's processor takes when its configuration names no filter. */
const BILINEAR = 2;

/** What the vision encoder takes: V views with room for N patches each. */
export interface ViewInputs {
  /** [V, N, patch * patch * 3], zero where a view has no more patches */
  readonly pixel_values: Tensor;
  /** int64 [V, N], 1 for a patch */
  readonly pixel_attention_mask: Tensor;
  /** int64 [V, 2]: rows and columns of patches */
  readonly spatial_shapes: Tensor;
}

/** Tiles and thumbnail as Python's processor makes them; transformers.js's own are resized without antialiasing. */
export async function pilViews(
  picture: PilImage,
  grid: ViewGrid,
  image: ImageConfig,
  config: Readonly<Record<string, unknown>>,
): Promise<ViewInputs> {
  const resample = { resample: Number(config["resample"] ?? BILINEAR) };
  const views = await cutTiles(picture, grid, image, resample);
  if (grid.seesWhole) views.push(await picture.resize(grid.small.width, grid.small.height, resample));
  const room = Math.max(
    image.maxTokens * image.factor ** 2,
    image.splits ? (image.tile / image.patch) ** 2 : 0,
  );
  const size = 3 * image.patch ** 2;
  const pixels = new Float32Array(views.length * room * size);
  const mask = new BigInt64Array(views.length * room);
  const shapes = views.map(({ width, height }) => [height / image.patch, width / image.patch] as const);
  views.forEach((view, i) => {
    const patches = patchesOf(view, image.patch, config);
    pixels.set(patches, i * room * size);
    mask.fill(1n, i * room, i * room + patches.length / size);
  });
  return {
    pixel_values: new Tensor("float32", pixels, [views.length, room, size]),
    pixel_attention_mask: new Tensor("int64", mask, [views.length, room]),
    spatial_shapes: new Tensor("int64", BigInt64Array.from(shapes.flat(), BigInt), [views.length, 2]),
  };
}

async function cutTiles(
  picture: PilImage,
  { rows, cols }: ViewGrid,
  { tile }: ImageConfig,
  resample: { readonly resample: number },
): Promise<PilImage[]> {
  if (rows * cols === 1) return [];
  const large = await picture.resize(cols * tile, rows * tile, resample);
  const corners = Array.from({ length: rows * cols }, (_, i) => [i % cols, Math.floor(i / cols)] as const);
  return Promise.all(
    corners.map(([col, row]) =>
      large.crop([col * tile, row * tile, (col + 1) * tile - 1, (row + 1) * tile - 1]),
    ),
  );
}

/** [patches, patch * patch * 3]: patches row by row, in each its pixels row by row, in each its colours. */
function patchesOf({ data, width, height }: PilImage, patch: number, rules: ValueRules): Float32Array {
  const value = valueOf(rules);
  const cols = width / patch;
  const size = 3 * patch ** 2;
  return Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const [index, inside] = [Math.floor(i / size), i % size];
    const [pixel, channel] = [Math.floor(inside / 3), inside % 3];
    const y = Math.floor(index / cols) * patch + Math.floor(pixel / patch);
    const x = (index % cols) * patch + (pixel % patch);
    return value(data[3 * (y * width + x) + channel] ?? 0, channel);
  });
}
