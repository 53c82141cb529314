import { cat, full, Tensor } from "@huggingface/transformers";
import type { PilImage } from "../../image/pilImage.js";
import { planes, type ValueRules } from "../pixelValues.js";
import type { TileGrid } from "./geometry.js";

/** Pillow's number for Lanczos, which Python's processor takes when its configuration names no filter. */
const LANCZOS = 1;

/**
 * The tiles of a picture and then the picture as a whole, as Python's processor makes them; transformers.js's own
 * resizes to whole tiles without antialiasing, which changes every tile.
 * @returns pixel_values [1, tiles, 3, side, side] and pixel_attention_mask [1, tiles, side, side]
 */
export async function pilTiles(
  picture: PilImage,
  { resized, stretched, rows, cols, tile }: TileGrid,
  config: Readonly<Record<string, unknown>>,
): Promise<{ pixel_values: Tensor; pixel_attention_mask: Tensor }> {
  const resample = { resample: Number(config["resample"] ?? LANCZOS) };
  const first = await picture.resize(resized.width, resized.height, resample);
  const large = await first.resize(stretched.width, stretched.height, resample);
  const views: PilImage[] = [];
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const [left, top] = [col * tile, row * tile];
      views.push(await large.crop([left, top, left + tile - 1, top + tile - 1]));
    }
  }
  views.push(await large.resize(tile, tile, resample));
  const values = views.map(
    (view) => new Tensor("float32", planes(view, config as ValueRules), [1, 3, tile, tile]),
  );
  return {
    pixel_values: cat(values, 0).unsqueeze(0),
    pixel_attention_mask: full([1, views.length, tile, tile], true),
  };
}
