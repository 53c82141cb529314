import type { BenchUnit } from "./types.js";

/** What numbers of a unit are printed in. */
export function unitName(unit: BenchUnit): string {
  return unit === "ms" ? "ms" : "MB";
}

/** A number as it is printed, without its unit: whole from 100 on, else with three figures. */
export function numberText(unit: BenchUnit, value: number): string {
  const shown = unit === "ms" ? value : value / 1e6;
  return Math.abs(shown) >= 99.95 ? shown.toFixed(0) : shown.toPrecision(3);
}
