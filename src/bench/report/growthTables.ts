import { numberText, unitName } from "./numbers.js";
import { grouped, table, type Cell } from "./table.js";
import type { BenchGrowth } from "./types.js";

/** How quantities grow: a table for each unit, and each range of what they grow with. */
export function growthTables(growth: readonly BenchGrowth[]): string[][] {
  const groups = grouped(growth, ({ unit, per, points }) => {
    const range = points.map(([x]) => x);
    return `${unitName(unit)}, with ${Math.min(...range)} to ${Math.max(...range)} ${per}s`;
  });
  return [...groups].map(([what, rows]) =>
    table([what, `per ${rows[0]?.per ?? ""}`, "kept", "at none", "R²"], rows.map(cellsOf)),
  );
}

function cellsOf({ label, unit, slope, statedSlope, intercept, r2 }: BenchGrowth): Cell[] {
  return [
    label,
    numberText(unit, slope),
    statedSlope === undefined ? undefined : numberText(unit, statedSlope),
    numberText(unit, intercept),
    r2.toFixed(4),
  ];
}
