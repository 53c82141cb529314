import type { Run } from "../../src/core/run/types.js";
import { maxDifference } from "./compare.js";

/** A run's gradient; an error where it has none. */
export function gradientOf({ arrays }: Run): Float32Array {
  if (arrays.gradient === null) throw new Error("the run has no gradient");
  return arrays.gradient;
}

/** The largest absolute value. */
export function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** How far gradients are from others that are not all 0, as a part of the largest of those. */
export function gradientDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const scale = largest(expected);
  if (scale === 0) throw new Error("all gradients are 0");
  return maxDifference(found, expected) / scale;
}
