import type { Rectangle } from "../run/types.js";
import { bySize } from "./bySize.js";
import { minMax } from "./minMax.js";
import { hasArea, placedMap } from "./placedMap.js";

/**
 * How strongly the cells of a map are drawn [N]: 0 to 1 between its smallest and largest value in the picture, a
 * signed one -1 to 1 by its largest size there. Cells without area are not drawn, and count neither here nor there.
 */
export function cellStrength(
  values: Float32Array,
  cells: readonly Rectangle[],
  signed = false,
): Float32Array {
  const strength = (signed ? bySize : minMax)(placedMap(values, cells).values);
  if (strength.length === values.length) return strength;
  let next = 0;
  return Float32Array.from(cells, (cell) => (hasArea(cell) ? (strength[next++] ?? 0) : 0));
}
