import * as l10n from "@vscode/l10n";
import { drawTokenStream } from "../charts/drawTokenStream.js";
import { checkbox } from "../components/checkbox.js";
import { element } from "../components/element.js";
import { panel } from "../components/panel.js";
import { answerChips } from "./answerChips.js";
import { touches } from "./imageView.js";
import { lookingTokens } from "./lookingTokens.js";
import { drawPlayback } from "./playback.js";
import type { Store } from "./store.js";
import { describeToken } from "./tokenFacts.js";
import { WhatIfQuestions, type AskAlternative } from "./whatIf.js";
import { drawAlternativesPanel, drawWhatIfBanner } from "./whatIfPanel.js";

/** The answer as chips, the numbers of the token looked at, and what it could have been; null: nobody to ask. */
export function drawAnswerPanel(store: Store, ask: AskAlternative | null): HTMLElement {
  const questions = new WhatIfQuestions(store, ask);
  const stream = drawTokenStream({
    select: (selected) => store.set({ selected, previewed: undefined }),
    preview: (previewed) => store.set({ previewed }),
  });
  const facts = element("div.token-facts");
  const describe = (): void => facts.replaceChildren(...describeToken(store));
  const words = checkbox(l10n.t("Words"), store.state.words, (joined) => store.set({ words: joined }));
  words.title = l10n.t("Parts of a word close together");
  stream.update(answerChips(store));
  stream.mark(store.state.selected);
  stream.joinWords(store.state.words);
  store.listen((changed) => {
    if (touches(changed, ["data", "attribution"])) stream.update(answerChips(store));
    if (changed.has("selected")) stream.mark(store.state.selected);
    if (changed.has("cell")) stream.point(lookingTokens(store, store.state.cell));
    if (changed.has("words")) stream.joinWords((words.checked = store.state.words));
    if (touches(changed, ["data", "attribution", "selected", "previewed", "settings"])) describe();
  });
  describe();
  const root = panel(
    l10n.t("Answer"),
    [element("span.tools", {}, words, drawPlayback(store))],
    drawWhatIfBanner(store, questions),
    stream.root,
    facts,
    drawAlternativesPanel(store, questions),
  );
  root.classList.add("answer");
  return root;
}
