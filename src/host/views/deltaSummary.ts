import * as vscode from "vscode";
import { formatNumber } from "../../core/run/formatNumber.js";
import { tokenLabel } from "../../core/run/tokenLabel.js";
import type { RunToken } from "../../core/run/types.js";

const MOST_NAMED = 3;

/**
 * Which tokens rest most on the picture, and how many do, in a sentence.
 * @param weights delta of each token
 */
export function deltaSummary(tokens: readonly RunToken[], weights: readonly number[]): string {
  const weighed = tokens
    .map(({ text, stop }, index) => ({ text, stop, delta: weights[index] ?? 0 }))
    .filter(({ stop }) => !stop);
  const resting = weighed.filter(({ delta }) => delta > 0).sort((a, b) => b.delta - a.delta);
  if (resting.length === 0) return vscode.l10n.t("By this measure no token rests on the picture.");
  const strongest = resting
    .slice(0, MOST_NAMED)
    .map(({ text, delta }) => `${tokenLabel(text.trim())} ${formatNumber(delta)}`)
    .join(", ");
  return vscode.l10n.t(
    "{0} of {1} tokens rest on the picture, most of all (by δ): {2}",
    resting.length,
    weighed.length,
    strongest,
  );
}
