/**
 * Writes the sample scenes of the repository: `npx tsx tools/scenes/examples.ts [OUT_DIR]` (default `examples`).
 *
 * NAME.png           the picture
 * masks/NAME.N.png   mask of object N, white inside
 * scenes.json        objects, boxes, questions and right answers
 */

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { sceneRecord } from "./packs";
import { generateScene } from "./scene";
import { SCENE_SIZE, type Scene } from "./types";

/** Seeds of the samples; none is among the scenes that the model learned from. */
export const EXAMPLE_SEEDS: readonly number[] = [
  600002, 600010, 600025, 600055, 600005, 600019, 600046, 600053,
];

/** "dog-red-heart": what the picture shows, as a file name. */
export function exampleName(scene: Scene): string {
  return scene.objects.map(({ colour, noun }) => (colour ? `${colour}-${noun}` : noun)).join("-and-");
}

async function writePng(file: string, pixels: Uint8Array, channels: 1 | 3): Promise<void> {
  const raw = { width: SCENE_SIZE, height: SCENE_SIZE, channels };
  let image = sharp(pixels, { raw });
  if (channels === 1) image = image.toColourspace("b-w");
  await image.png({ compressionLevel: 9 }).toFile(file);
}

/** Writes one sample and gives its entry of scenes.json. */
async function writeExample(folder: string, seed: number): Promise<object> {
  const scene = generateScene(seed);
  const name = exampleName(scene);
  await writePng(path.join(folder, `${name}.png`), scene.pixels, 3);
  const masks: string[] = [];
  for (const [index, object] of scene.objects.entries()) {
    const file = `masks/${name}.${index}.png`;
    masks.push(file);
    await writePng(
      path.join(folder, file),
      object.mask.map((inside) => inside * 255),
      1,
    );
  }
  return { name, image: `${name}.png`, masks, ...sceneRecord(scene) };
}

async function main(): Promise<void> {
  const folder = process.argv[2] ?? "examples";
  mkdirSync(path.join(folder, "masks"), { recursive: true });
  const scenes: object[] = [];
  for (const seed of EXAMPLE_SEEDS) scenes.push(await writeExample(folder, seed));
  writeFileSync(path.join(folder, "scenes.json"), `${JSON.stringify(scenes, null, 1)}\n`);
}

await main();
