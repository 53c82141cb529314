import * as l10n from "@vscode/l10n";
import { placedMap } from "../../src/core/heatmap/placedMap.js";
import { formatShare } from "../../src/core/run/formatNumber.js";
import type { Rectangle } from "../../src/core/run/types.js";

/** How much of a map is on image tokens that the picture cannot show: line ends, padding, a mean of all; "" without such. */
export function placelessNote(values: Float32Array, cells: readonly Rectangle[]): string {
  const placed = placedMap(values, cells).values;
  const count = values.length - placed.length;
  const all = sizeOf(values);
  if (count === 0 || all === 0) return "";
  const share = formatShare(Math.max(0, 1 - sizeOf(placed) / all));
  return count === 1
    ? l10n.t("{0} of this map is on an image token that has no place in the picture.", share)
    : l10n.t("{0} of this map is on {1} image tokens that have no place in the picture.", share, count);
}

function sizeOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0);
}
