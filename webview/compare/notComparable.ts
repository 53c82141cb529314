import * as l10n from "@vscode/l10n";
import type { NotComparable } from "../../src/core/compare/compareSides.js";

/** Why layers or heads are not compared one by one. */
export function notComparableText(why: NotComparable): string {
  switch (why) {
    case "other-count":
      return l10n.t("The models have other numbers of layers or heads: they cannot be compared one by one.");
    case "no-counterpart":
      return l10n.t("The other answer has no such word: there is nothing to compare.");
    case "no-gradient":
      return l10n.t("A run was saved without its gradient: its layers' shares are not known.");
  }
}
