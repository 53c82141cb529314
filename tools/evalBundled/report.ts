import type { Figures } from "./figures.js";

const percent = (value: number) => (Number.isNaN(value) ? "-" : value.toFixed(1)).padStart(8);

/** The figures as text tables. */
export function formatFigures(figures: Figures, scenes: number, layers: number): string {
  const accuracy = [
    "describe",
    "describe1",
    "describe2",
    "describe3",
    "what",
    "where",
    "count",
    "isThere",
    "colour",
  ].map(
    (kind) =>
      `  ${kind.padEnd(12)}${percent(figures.percent(`accuracy.${kind}`))}   of ${figures.count(`accuracy.${kind}`)}`,
  );
  const methods = (what: string, rows: readonly (readonly [string, string])[]) =>
    rows.map(
      ([name, label]) =>
        `  ${label.padEnd(24)}${percent(figures.percent(`${what}.${name}.pointing`))}${percent(figures.percent(`${what}.${name}.energy`))}`,
    );
  const rows = [
    ["dexar", "DEX-AR"],
    ["unfiltered", "unfiltered gradients"],
    ["random", "random map"],
    ["area", "chance (area)"],
  ] as const;
  const roles = ["object", "objectColour", "place", "backgroundColour", "background", "function", "stop"];
  return [
    `Answers, exact match in % (${scenes} held-out scenes, greedy)`,
    ...accuracy,
    "",
    `Object words of right descriptions (${figures.count("object.area.energy")})   pointing  energy inside, %`,
    ...methods("object", rows),
    "",
    `Whole answer without the stop token (${figures.count("sequence.area.energy")}), any object: pointing  energy inside, %`,
    ...methods("sequence", rows),
    "",
    "Tokens with delta > 0, %",
    ...roles.map(
      (role) =>
        `  ${role.padEnd(18)}${percent(figures.percent(`delta.${role}`))}   of ${figures.count(`delta.${role}`)}`,
    ),
    "",
    "Share of an object word's map by layer, %",
    `  ${Array.from({ length: layers }, (_, l) => `L${l}${percent(figures.percent(`layerShare.${l}`))}`).join("  ")}`,
    "",
  ].join("\n");
}
