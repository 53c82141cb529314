import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePng } from "../../src/runtime/image/encode.js";
import { generateScene } from "../scenes/scene.js";
import { SCENE_SIZE, type Scene } from "../scenes/types.js";

/** First seed of the held-out scenes: training and validation use other ranges (tools/train.sh). */
const FIRST_SEED = 1;

/** Calls `visit` with each held-out scene and a PNG of it, which is gone afterwards. */
export async function visitScenes(
  count: number,
  visit: (scene: Scene, picture: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "dexar-scenes-"));
  const picture = join(folder, "scene.png");
  try {
    for (let i = 0; i < count; i++) {
      const scene = generateScene(FIRST_SEED + i);
      writeFileSync(
        picture,
        await encodePng({ data: scene.pixels, width: SCENE_SIZE, height: SCENE_SIZE, channels: 3 }),
      );
      await visit(scene, picture);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Share of each image token's cell that lies inside a mask, [N]; cells are rectangles in whole pixels here. */
export function coverage(mask: Uint8Array, cells: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(cells, ([x = 0, y = 0, width = 0, height = 0]) => {
    let inside = 0;
    for (let row = y; row < y + height; row++) {
      for (let column = x; column < x + width; column++) inside += mask[row * SCENE_SIZE + column] ?? 0;
    }
    return inside / (width * height);
  });
}
