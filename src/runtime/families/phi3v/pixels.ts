import { cat, full, interpolate_4d, Tensor } from "@huggingface/transformers";
import type { PilImage } from "../../image/pilImage.js";
import { valueOf, type ValueRules } from "../pixelValues.js";
import { TILE, type HdGrid } from "./geometry.js";

/** Pillow's number for bilinear, torchvision's filter for a resize. */
const BILINEAR = 2;
const WHITE = 255;

/**
 * What Python's processor makes of a picture: the whole canvas in one tile, its tiles row by row, and zeros up to
 * `crops` of them. transformers.js's own cuts tiles of another shape out of any but a square picture.
 * @returns pixel_values [1, 1 + crops, 3, 336, 336]
 */
export async function hdPixels(
  picture: PilImage,
  grid: HdGrid,
  crops: number,
  rules: ValueRules,
): Promise<Tensor> {
  const resized = await picture.resize(grid.resized.width, grid.resized.height, { resample: BILINEAR });
  const canvas = canvasValues(resized, grid, rules);
  const whole = await interpolate_4d(canvas, { size: [TILE, TILE], mode: "bicubic" });
  const tiles: Tensor[] = [];
  for (let row = 0; row < grid.rows; row++) {
    for (let col = 0; col < grid.cols; col++) {
      const [y, x] = [row * TILE, col * TILE];
      tiles.push(canvas.slice(null, null, [y, y + TILE], [x, x + TILE]));
    }
  }
  const rest = crops - tiles.length;
  const empty = rest > 0 ? [full([rest, 3, TILE, TILE], 0)] : [];
  return cat([whole, ...tiles, ...empty], 0).unsqueeze(0);
}

/** The picture on its white canvas, normalised: [1, 3, height, width]. */
function canvasValues(image: PilImage, { rows, cols, left, top }: HdGrid, rules: ValueRules): Tensor {
  const [width, height] = [cols * TILE, rows * TILE];
  const value = valueOf(rules);
  const values = new Float32Array(3 * width * height);
  for (let channel = 0; channel < 3; channel++) {
    const plane = values.subarray(channel * width * height, (channel + 1) * width * height);
    plane.fill(value(WHITE, channel));
    for (let y = 0; y < image.height; y++) {
      for (let x = 0; x < image.width; x++) {
        const byte = image.data[3 * (y * image.width + x) + channel] ?? 0;
        plane[(y + top) * width + x + left] = value(byte, channel);
      }
    }
  }
  return new Tensor("float32", values, [1, 3, height, width]);
}
