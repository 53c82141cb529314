import * as l10n from "@vscode/l10n";
import { formatNumber } from "../../src/core/run/formatNumber.js";

/** The filter's decision about one head, for one token or over the answer (numbers: means). */
export interface FilterRow {
  readonly layer: number;
  readonly head: number;
  readonly image: number;
  readonly text: number;
  readonly weight: number;
  /** The text position with the largest gradient and its label; null over the answer, without gradient and for none. */
  readonly winner: { readonly position: number; readonly label: string } | null;
  /** In how many of how many tokens the head was kept. */
  readonly keptTokens: number;
  readonly tokens: number;
  /** True for the whole answer. */
  readonly whole: boolean;
  /** What a person decided; null where the filter decides. */
  readonly forced: "keep" | "drop" | null;
  readonly inRange: boolean;
}

/** True when the head is in the map of the token, or of one token of the answer. */
export function isKept({ keptTokens }: FilterRow): boolean {
  return keptTokens > 0;
}

/** What became of a head and why, in words. */
export function headDecision(row: FilterRow): string {
  const kept = isKept(row);
  if (!row.inRange) return l10n.t("outside the layer range");
  if (row.forced === "drop") return l10n.t("dropped by hand");
  if (row.forced === "keep" && !kept) return l10n.t("kept by hand, but it has no gradient on the picture");
  if (row.forced === "keep") return l10n.t("kept by hand");
  if (row.whole)
    return row.tokens === 1
      ? l10n.t("kept in {0} of 1 token", row.keptTokens)
      : l10n.t("kept in {0} of {1} tokens", row.keptTokens, row.tokens);
  const image = formatNumber(row.image);
  const text = formatNumber(row.text);
  if (kept) return l10n.t("kept: picture won, {0} > {1}", image, text);
  if (row.image === 0 && row.text === 0) return l10n.t("dropped: no gradient on picture or text");
  if (row.winner) return l10n.t("dropped: text won, «{0}» {1} ≥ {2}", row.winner.label, text, image);
  return l10n.t("dropped: text won, {0} ≥ {1}", text, image);
}
