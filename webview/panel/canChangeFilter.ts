import * as l10n from "@vscode/l10n";
import type { Store } from "./store.js";

/** Whether the filter can be worked out anew: only with the gradient in the page. */
export function canChangeFilter({ data }: Store): boolean {
  return data.arrays.gradient !== null;
}

/** Why the filter cannot change, in words; null when it can. */
export function whyFixed(store: Store): string | null {
  if (canChangeFilter(store)) return null;
  const { gradientNote, info } = store.data;
  if (gradientNote !== null) return gradientNote;
  return info.partial
    ? l10n.t("Layers and filter can be changed when the answer is finished.")
    : l10n.t("This run has no gradient: layers and filter stay as they are.");
}
