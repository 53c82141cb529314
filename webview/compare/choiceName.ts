import * as l10n from "@vscode/l10n";
import type { TokenChoice } from "../../src/core/compare/side.js";
import { tokenLabel } from "../../src/core/run/tokenLabel.js";
import type { RunInfo } from "../../src/core/run/types.js";

/** What is looked at on one side, in words. */
export function choiceName({ tokens }: RunInfo, choice: TokenChoice): string {
  if (choice === null) return l10n.t("Whole answer");
  if (choice.length === 0) return l10n.t("no counterpart");
  return choice.map((token) => tokenLabel(tokens[token]?.text ?? "")).join("");
}
