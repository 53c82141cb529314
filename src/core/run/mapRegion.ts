import { regionWord, type Region } from "../heatmap/regionWord.js";
import type { RunInfo } from "./types.js";

/** Where a run's map is strongest. */
export interface MapRegion extends Region {
  /** Which picture the words and the box are about, where the prompt has several: the one with most of the map. */
  readonly picture?: string;
}

/** Where a run's map [N] is strongest; null for a flat one. */
export function mapRegion(info: RunInfo, values: Float32Array): MapRegion | null {
  const { images, cells, image } = info;
  if (!images) return regionWord(values, cells, [0, 0, image.width, image.height]);
  let from = 0;
  const parts = images.map(({ name, place, tokens }) => {
    const part = {
      name,
      place,
      cells: cells.slice(from, from + tokens),
      values: values.subarray(from, from + tokens),
    };
    from += tokens;
    return { ...part, sum: part.values.reduce((sum, value) => sum + value, 0) };
  });
  const best = parts.reduce((most, part) => (part.sum > most.sum ? part : most));
  const region = regionWord(best.values, best.cells, best.place);
  return region && { ...region, picture: best.name };
}
