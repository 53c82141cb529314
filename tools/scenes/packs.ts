/**
 * Packs of scenes for training:
 *
 * images.bin  uint8 [COUNT, 96, 96, 3]
 * owner.bin   uint8 [COUNT, 96, 96]: 0 background, i + 1 object i
 * scenes.jsonl  one scene a line: objects, background, questions
 * vocabulary.json  nouns, colours, columns, rows, words
 */

import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";
import { COLOUR_WORDS } from "./colours";
import { COLUMNS, ROWS } from "./layout";
import { generateScene } from "./scene";
import { SCENE_SIZE, type Scene } from "./types";
import { NOUN_WORDS, vocabularyWords } from "./vocabulary";

/** Which object owns each pixel, as one byte: 0 for the background. */
export function ownerMap(scene: Scene): Uint8Array {
  const owner = new Uint8Array(SCENE_SIZE * SCENE_SIZE);
  scene.objects.forEach((object, index) => {
    object.mask.forEach((inside, pixel) => {
      if (inside) owner[pixel] = index + 1;
    });
  });
  return owner;
}

/** The scene without its pixels. */
export function sceneRecord(scene: Scene): object {
  const { seed, background, questions } = scene;
  const objects = scene.objects.map(({ noun, colour, glyph, cell, box }) => ({
    noun,
    colour,
    glyph,
    cell,
    box,
  }));
  return { seed, background, objects, questions };
}

/** Writes the pack; scenes are made one at a time, so that its size does not matter. */
export function writePack(folder: string, firstSeed: number, count: number): void {
  mkdirSync(folder, { recursive: true });
  const open = (name: string): number => openSync(path.join(folder, name), "w");
  const [images, owners, scenes] = [open("images.bin"), open("owner.bin"), open("scenes.jsonl")];
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const scene = generateScene(seed);
    writeSync(images, scene.pixels);
    writeSync(owners, ownerMap(scene));
    writeSync(scenes, `${JSON.stringify(sceneRecord(scene))}\n`);
  }
  for (const file of [images, owners, scenes]) closeSync(file);
  writeFileSync(path.join(folder, "vocabulary.json"), vocabularyJson());
}

function vocabularyJson(): string {
  const words = vocabularyWords();
  return JSON.stringify({ nouns: NOUN_WORDS, colours: COLOUR_WORDS, columns: COLUMNS, rows: ROWS, words });
}
