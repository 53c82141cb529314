import * as l10n from "@vscode/l10n";
import { formatNumber, formatProbability } from "../../src/core/run/formatNumber.js";
import { keptHeads } from "../../src/core/run/textWinner.js";
import type { RunToken } from "../../src/core/run/types.js";
import { element } from "../components/element.js";
import { explainedCount } from "./answerChips.js";
import { presentSubject, type Store } from "./store.js";
import { zeroReason } from "./zeroReason.js";

/** The numbers of the token looked at, or a sentence about the whole answer. */
export function describeToken(store: Store): Node[] {
  const { info } = store.data;
  const { attribution, settings } = store.state;
  const { token: index } = presentSubject(store).subject;
  const token = index === null ? undefined : info.tokens[index];
  if (index === null || !token) return [element("span.note", {}, describeAnswer(store))];
  const facts = [
    fact(l10n.t("probability"), formatProbability(token.logprob)),
    fact(l10n.t("rank"), rankOf(token)),
  ];
  if (index >= explainedCount(store))
    return [...facts, element("span.note.why", {}, l10n.t("Its heatmap is still to come."))];
  const { kept, total } = keptHeads({ ...info, settings }, attribution, index);
  facts.push(
    fact("delta", formatNumber(attribution.tokenWeight[index] ?? 0)),
    fact(l10n.t("heads kept"), l10n.t("{0} of {1}", kept, total)),
  );
  const reason = zeroReason(store, index);
  if (reason !== null) facts.push(element("span.note.why", {}, l10n.t("delta 0: {0}", reason)));
  if (token.stop)
    facts.push(element("span.note.why", {}, l10n.t("End of the answer: not part of the whole-answer map.")));
  return facts;
}

/** Its place among the most probable tokens. */
function rankOf({ id, alternatives }: RunToken): string {
  const place = alternatives.findIndex((other) => other.id === id);
  return place >= 0 ? String(place + 1) : l10n.t("after {0}", alternatives.length);
}

function describeAnswer(store: Store): string {
  const { info } = store.data;
  const words = info.tokens.filter((token) => !token.stop).length;
  if (words === 0) return l10n.t("No token yet.");
  if (explainedCount(store) === 0) return l10n.t("Heatmaps are still to come.");
  const visual = info.tokens.filter(
    (token, index) => !token.stop && (store.state.attribution.tokenWeight[index] ?? 0) > 0,
  ).length;
  if (visual === 0)
    return l10n.t("No token has delta above 0: this answer did not use the picture, by this measure.");
  return l10n.t(
    "{0} of {1} tokens have delta above 0 and make up this map. Pick a token for its own map.",
    visual,
    words,
  );
}

function fact(name: string, value: string): HTMLElement {
  return element("span.note", {}, `${name} `, element("strong", {}, value));
}
