import { join } from "node:path";
import { loadPicture, type Picture } from "../../src/runtime/image/picture.js";

const ROOT = join(import.meta.dirname, "../..");
const SMALL = { width: 120, height: 90 };

/** Which way a processor resizes: a picture larger than it takes, or a smaller one. */
export type Direction = "down" | "up";

/** A picture as `tools/preprocessingGoldens.py` makes it: mirrored until it fills `large`, or its middle. */
export async function goldenPicture(
  file: string,
  direction: Direction,
  large: readonly [width: number, height: number],
): Promise<Picture> {
  const picture = await loadPicture(join(ROOT, file));
  if (direction === "up") return middle(picture);
  const [width, height] = large;
  return taken(picture, width, height, (x, y) => [mirrored(x, picture.width), mirrored(y, picture.height)]);
}

function middle(picture: Picture): Picture {
  const [width, height] = [Math.min(picture.width, SMALL.width), Math.min(picture.height, SMALL.height)];
  const [left, top] = [Math.floor((picture.width - width) / 2), Math.floor((picture.height - height) / 2)];
  return taken(picture, width, height, (x, y) => [left + x, top + y]);
}

function mirrored(at: number, side: number): number {
  const place = at % (2 * side);
  return place < side ? place : 2 * side - 1 - place;
}

/** A picture of another size, each pixel taken from a place of this one. */
function taken(
  picture: Picture,
  width: number,
  height: number,
  place: (x: number, y: number) => readonly [x: number, y: number],
): Picture {
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = place(x, y);
      const from = 3 * (fromY * picture.width + fromX);
      data.set(picture.data.subarray(from, from + 3), 3 * (y * width + x));
    }
  }
  return { ...picture, width, height, data };
}
