import { isTwoSided, type ColourMapName } from "./colourMap.js";

/** The colours that a map is drawn in: signed values need two sides, unsigned ones must not have them. */
export function mapColours(chosen: ColourMapName, signed: boolean): ColourMapName {
  if (isTwoSided(chosen) === signed) return chosen;
  return signed ? "rdbu" : "viridis";
}
