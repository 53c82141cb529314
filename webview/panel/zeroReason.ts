import * as l10n from "@vscode/l10n";
import { positionLabel } from "../../src/core/run/textWinner.js";
import type { Store } from "./store.js";

/** Why a token's delta is 0, in words; null where the picture won. */
export function zeroReason({ data, state }: Pick<Store, "data" | "state">, token: number): string | null {
  const { tokenWeight, reasons } = state.attribution;
  if ((tokenWeight[token] ?? 0) > 0) return null;
  if (!reasons) return l10n.t("the text won");
  const winner = reasons[token]?.text ?? null;
  if (winner === null) return l10n.t("no gradient on picture or text");
  const { position, layer, head } = winner;
  return l10n.t('the text won: "{0}", layer {1}, head {2}', positionLabel(data.info, position), layer, head);
}
