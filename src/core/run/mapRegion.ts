import { placedMap, type PlacedMap } from "../heatmap/placedMap.js";
import { regionWord, type Region } from "../heatmap/regionWord.js";
import type { Rectangle, RunInfo } from "./types.js";

/** Where a run's map is strongest. */
export interface MapRegion extends Region {
  /** Which picture the words and the box are about, where the prompt has several: the one with most of the map. */
  readonly picture?: string;
}

/** What is seen below a map: one picture, or a sheet of several. */
export type SeenPictures = Pick<RunInfo, "images"> & {
  readonly image: Pick<RunInfo["image"], "width" | "height">;
};

/** Where a run's map [N] is strongest; null for a flat one. */
export function mapRegion(info: RunInfo, values: Float32Array): MapRegion | null {
  return pictureRegion(values, info.cells, info);
}

/**
 * Where a map [N] over any cells of a run's pictures is strongest; null for a flat one.
 * @param cells in pixels of the image; those without area are left out
 */
export function pictureRegion(
  values: Float32Array,
  cells: readonly Rectangle[],
  { image, images }: SeenPictures,
): MapRegion | null {
  if (!images) return regionWord(values, cells, [0, 0, image.width, image.height]);
  const placed = placedMap(values, cells);
  const parts = images.map(({ name, place }) => {
    const part = partAt(placed, place);
    return { ...part, name, place, sum: part.values.reduce((sum, value) => sum + value, 0) };
  });
  const best = parts.reduce((most, part) => (part.sum > most.sum ? part : most));
  const region = regionWord(best.values, best.cells, best.place);
  return region && { ...region, picture: best.name };
}

/** A region's place in English, with the picture's name where there are several. */
export function regionLabel({ picture, word }: Pick<MapRegion, "picture" | "word">): string {
  return picture === undefined ? word : `${picture}: ${word}`;
}

/** The part of a map whose cells have their middle in one picture of a sheet. */
function partAt({ values, cells }: PlacedMap, [left, top, across, down]: Rectangle): PlacedMap {
  const isInside = cells.map(([x, y, width, height]) => {
    const [right, below] = [x + width / 2 - left, y + height / 2 - top];
    return right >= 0 && right < across && below >= 0 && below < down;
  });
  return {
    values: values.filter((_, index) => isInside[index]),
    cells: cells.filter((_, index) => isInside[index]),
  };
}
