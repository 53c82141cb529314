import { rgb } from "d3-color";
import {
  interpolateInferno,
  interpolatePuOr,
  interpolateRdBu,
  interpolateTurbo,
  interpolateViridis,
} from "d3-scale-chromatic";
import { interpolateJet } from "./jet.js";

/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

const INTERPOLATORS = {
  viridis: interpolateViridis,
  inferno: interpolateInferno,
  turbo: interpolateTurbo,
  jet: interpolateJet,
  // d3's run from red to blue; here larger is red.
  rdbu: (value: number) => interpolateRdBu(1 - value),
  puor: (value: number) => interpolatePuOr(1 - value),
} as const;

export type ColourMapName = keyof typeof INTERPOLATORS;

/**
 * Every colour map: `viridis` is the default, `turbo` a rainbow whose steps look even, `jet` the classic one whose do
 * not, `rdbu` and `puor` are two-sided.
 */
export const COLOUR_MAP_NAMES: readonly ColourMapName[] = [
  "viridis",
  "inferno",
  "turbo",
  "jet",
  "rdbu",
  "puor",
];

/** True for the maps of signed values, whose neutral colour is at 0.5. */
export function isTwoSided(name: ColourMapName): boolean {
  return name === "rdbu" || name === "puor";
}

/** The colour of a value between 0 and 1 (values outside are clamped), in 256 steps. */
export function colourMap(name: ColourMapName): (value: number) => Rgb {
  const table = Array.from({ length: 256 }, (_, step): Rgb => {
    const { r, g, b } = rgb(INTERPOLATORS[name](step / 255));
    return [Math.round(r), Math.round(g), Math.round(b)];
  });
  return (value) => table[Math.round(255 * Math.min(Math.max(value, 0), 1))] ?? [0, 0, 0];
}
