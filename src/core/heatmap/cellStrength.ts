import type { Rectangle } from "../run/types.js";
import { drawnValues } from "./drawnValues.js";
import { hasArea } from "./placedMap.js";

/**
 * How strongly the cells of a map are drawn [N], so that what the picture shows reaches from 0 to 1; of a signed map
 * to 1 or -1. Where views lie on each other their mean does: single cells may lie beyond. Cells without area are not
 * drawn. All 0 where the picture shows the same everywhere.
 */
export function cellStrength(
  values: Float32Array,
  cells: readonly Rectangle[],
  signed = false,
): Float32Array {
  let [low, high] = [Infinity, -Infinity];
  for (const value of drawnValues(values, cells)) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const zero = signed ? 0 : low;
  const range = signed ? Math.max(high, -low) : high - low;
  if (!(range > 0)) return new Float32Array(values.length);
  return values.map((value, index) => (hasArea(cells[index] ?? [0, 0, 0, 0]) ? (value - zero) / range : 0));
}
