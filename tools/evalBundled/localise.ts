import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import type { Run } from "../../src/core/run/types.js";
import type { AnswerWord, Scene } from "../scenes/types.js";
import type { Figures } from "./figures.js";
import { coverage } from "./heldOut.js";

/**
 * Adds the figures of one rightly answered description.
 *
 * Pointing game: the map's largest value lies in a cell at least half inside the object. Energy inside: share of the
 * map's sum inside the object, a cell's value spread evenly over its pixels. Chance: the object's share of the picture.
 */
export function addLocalisation(
  figures: Figures,
  run: Run,
  words: readonly AnswerWord[],
  scene: Scene,
  random: () => number,
): void {
  const found = attribute(attributionInput(run), run.info.settings);
  const { cells } = run.info;
  const masks = scene.objects.map((object) => coverage(object.mask, cells));
  const mapOf = (maps: Float32Array, t: number) => maps.subarray(t * cells.length, (t + 1) * cells.length);
  const { layers } = run.info.model;
  words.forEach((word, t) => {
    figures.add(`delta.${word.role}`, (found.tokenWeight[t] ?? 0) > 0);
    const inside = word.role === "object" && word.object !== null ? masks[word.object] : undefined;
    if (!inside) return;
    addMap(figures, "object.dexar", mapOf(found.tokenHeatmap, t), inside);
    addMap(figures, "object.unfiltered", mapOf(found.tokenHeatmapUnfiltered, t), inside);
    addMap(figures, "object.random", Float32Array.from(cells, random), inside);
    addChance(figures, "object.area", inside);
    for (let layer = 0; layer < layers; layer++) {
      figures.add(`layerShare.${layer}`, found.layerShare[t * layers + layer] ?? 0);
    }
  });
  figures.add("delta.stop", (found.tokenWeight[words.length] ?? 0) > 0);
  const anyObject = Float64Array.from(cells, (_, j) => masks.reduce((sum, mask) => sum + (mask[j] ?? 0), 0));
  addMap(figures, "sequence.dexar", found.sequenceHeatmap, anyObject);
  addMap(figures, "sequence.unfiltered", found.sequenceHeatmapUnfiltered, anyObject);
  addMap(figures, "sequence.random", Float32Array.from(cells, random), anyObject);
  addChance(figures, "sequence.area", anyObject);
}

function addMap(figures: Figures, name: string, map: Float32Array, inside: Float64Array): void {
  let [sum, within, best] = [0, 0, 0];
  map.forEach((value, j) => {
    sum += value;
    within += value * (inside[j] ?? 0);
    if (value > (map[best] ?? 0)) best = j;
  });
  figures.add(`${name}.pointing`, sum > 0 && (inside[best] ?? 0) >= 0.5);
  figures.add(`${name}.energy`, sum > 0 ? within / sum : 0);
}

function addChance(figures: Figures, name: string, inside: Float64Array): void {
  const area = inside.reduce((sum, share) => sum + share, 0) / inside.length;
  figures.add(`${name}.pointing`, inside.filter((share) => share >= 0.5).length / inside.length);
  figures.add(`${name}.energy`, area);
}
