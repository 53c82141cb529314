import { layoutTokenStream, type TokenChip } from "../charts/tokenStream.js";
import type { Store } from "./store.js";
import { zeroReason } from "./zeroReason.js";

/** The first so many tokens of the answer have their heatmaps. */
export function explainedCount({ data }: Pick<Store, "data">): number {
  return data.explained ?? data.info.tokens.length;
}

/** The answer as chips, under the present settings. */
export function answerChips(store: Store): TokenChip[] {
  const { tokens } = store.data.info;
  return layoutTokenStream({
    tokens,
    explained: explainedCount(store),
    tokenWeight: store.state.attribution.tokenWeight,
    reasons: tokens.map((_, index) => zeroReason(store, index)),
  });
}
