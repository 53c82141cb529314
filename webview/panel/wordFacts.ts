import * as l10n from "@vscode/l10n";
import { formatNumber, formatShare } from "../../src/core/run/formatNumber.js";
import { positionLabel } from "../../src/core/run/textWinner.js";
import { tokenLabel } from "../../src/core/run/tokenLabel.js";
import type { PromptWord } from "../charts/promptWords.js";
import { element } from "../components/element.js";
import type { Subject } from "./selection.js";
import { headsOfWord, type WordWins } from "./wordWins.js";
import type { Store } from "./store.js";

const HEADS_NAMED = 5;

/** A word's wins in words, for the read-out; without a word, what the words are about. */
export function describeWord(
  store: Store,
  subject: Subject,
  word: PromptWord | null,
  wins: WordWins | null,
): (Node | string)[] {
  if (!wins) return [l10n.t("Which words won is worked out from the gradient.")];
  if (!word) return [describeAll(store, subject, wins)];
  if (word.kind === "image")
    return [
      l10n.t(
        "The picture's {0} tokens: they compete with the words.",
        store.data.arrays.imagePositions.length,
      ),
    ];
  const name = element("strong", {}, tokenLabel(word.text));
  const won = wins.byPosition.get(word.position);
  const place = l10n.t("position {0}", word.position);
  if (!won) return [name, ` ${place} · ${l10n.t("won no head")}`];
  const heads = headsOfWord(subject, word.position);
  const named = heads.slice(0, HEADS_NAMED).map(({ layer, head }) => `L${layer} H${head}`);
  if (heads.length > HEADS_NAMED) named.push("…");
  const parts = [
    place,
    l10n.t("won {0} of {1} ({2})", won.heads, wins.total, formatShare(won.heads / wins.total)),
    ...(won.dropped > 0 ? [l10n.t("{0} dropped because of it", won.dropped)] : []),
    l10n.t("strongest {0}", formatNumber(won.strongest.score)),
    named.join(", "),
  ];
  return [name, ` ${parts.join(" · ")}`];
}

function describeAll(store: Store, subject: Subject, wins: WordWins): string {
  const best = [...wins.byPosition].sort((a, b) => b[1].heads - a[1].heads)[0];
  if (!best) return l10n.t("No word won a head: the text set is empty, or no text has a gradient.");
  const label = positionLabel(store.data.info, best[0]);
  const share = formatShare(best[1].heads / wins.total);
  return subject.token === null
    ? l10n.t("Over the answer, «{0}» won most: {1} of all heads and tokens.", label, share)
    : l10n.t("For this token, «{0}» won most heads: {1}.", label, share);
}
