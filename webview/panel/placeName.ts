import * as l10n from "@vscode/l10n";

/** The words of `regionWord` in the language of the page. */
export function placeName(word: string): string {
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
