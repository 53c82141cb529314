import * as l10n from "@vscode/l10n";
import type { MapRegion } from "../../src/core/run/mapRegion.js";

/** Where a map is strongest, in the language of the page; of several pictures, with the picture's name. */
export function regionName({ word, picture }: MapRegion): string {
  return picture === undefined ? placeName(word) : l10n.t("{0} in {1}", placeName(word), picture);
}

/** The words of `regionWord` in the language of the page. */
function placeName(word: string): string {
  switch (word) {
    case "top left":
      return l10n.t("top left");
    case "top":
      return l10n.t("top");
    case "top right":
      return l10n.t("top right");
    case "left":
      return l10n.t("left");
    case "right":
      return l10n.t("right");
    case "bottom left":
      return l10n.t("bottom left");
    case "bottom":
      return l10n.t("bottom");
    case "bottom right":
      return l10n.t("bottom right");
    default:
      return l10n.t("centre");
  }
}
