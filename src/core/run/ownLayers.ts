import type { RunModel } from "./types.js";

/**
 * The model's own numbers of the layers from `first` up to, not including, `last`, where only some of its layers are
 * explained: `0, 2, 5`; null where all are, so that L2 is the model's layer 2.
 */
export function ownLayers(
  { layerNumbers }: Pick<RunModel, "layerNumbers">,
  [first, last]: readonly [first: number, last: number],
): string | null {
  return layerNumbers ? layerNumbers.slice(first, last).join(", ") : null;
}
