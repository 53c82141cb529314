import { createHash } from "node:crypto";
import type { Rectangle } from "../../core/run/types.js";
import { encodePng } from "./encode.js";
import type { Picture } from "./picture.js";
import { MAX_PIXELS, pictureTooLarge } from "./pictureErrors.js";

/** Pixels between two pictures of a sheet. */
const GAP = 8;
const WHITE = 255;

/** Several pictures beside each other on one, pixel by pixel as they are. */
export interface PictureSheet {
  readonly picture: Picture;
  /** Where each picture lies on it, in pixels. */
  readonly places: readonly Rectangle[];
}

/**
 * Puts the pictures of a prompt on one sheet, in rows of about the same number, in their order.
 * @throws DexarError `image-too-large` when the sheet would be beyond the pixel limit
 */
export async function pictureSheet(pictures: readonly Picture[]): Promise<PictureSheet> {
  const places = placesOf(pictures);
  const width = Math.max(...places.map(([x, , w]) => x + w));
  const height = Math.max(...places.map(([, y, , h]) => y + h));
  if (width * height > MAX_PIXELS)
    throw pictureTooLarge(`${pictures.length} pictures together`, width, height);
  const data = new Uint8Array(3 * width * height).fill(WHITE);
  for (const [index, picture] of pictures.entries()) {
    const [left = 0, top = 0] = places[index] ?? [];
    for (let row = 0; row < picture.height; row++) {
      const from = 3 * row * picture.width;
      data.set(picture.data.subarray(from, from + 3 * picture.width), 3 * ((top + row) * width + left));
    }
  }
  const bytes = await encodePng({ data, width, height, channels: 3 });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const warnings = pictures.flatMap((picture) => picture.warnings);
  return { picture: { width, height, data, bytes, sha256, format: "png", warnings }, places };
}

/** A picture of a sheet as it was, in all but its file. */
export function cutFromSheet(sheet: Picture, [left, top, width, height]: Rectangle): Picture {
  const data = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++) {
    const from = 3 * ((top + row) * sheet.width + left);
    data.set(sheet.data.subarray(from, from + 3 * width), 3 * row * width);
  }
  return { ...sheet, width, height, data };
}

function placesOf(pictures: readonly Picture[]): Rectangle[] {
  const columns = Math.ceil(Math.sqrt(pictures.length));
  const places: Rectangle[] = [];
  let top = 0;
  for (let start = 0; start < pictures.length; start += columns) {
    let left = 0;
    const row = pictures.slice(start, start + columns);
    for (const { width, height } of row) {
      places.push([left, top, width, height]);
      left += width + GAP;
    }
    top += Math.max(...row.map(({ height }) => height)) + GAP;
  }
  return places;
}
