import * as l10n from "@vscode/l10n";
import close from "@vscode/codicons/src/icons/close.svg";
import { formatProbability } from "../../src/core/run/formatNumber.js";
import { tokenLabel } from "../../src/core/run/tokenLabel.js";
import { drawAlternatives, type AlternativeRow } from "../charts/alternatives.js";
import { iconButton } from "../components/button.js";
import { element } from "../components/element.js";
import { progressRing } from "../components/progressRing.js";
import type { Store } from "./store.js";
import type { WhatIfQuestions } from "./whatIf.js";

/** Says that another token is explained in the place of one of the answer's, with a button that ends it. */
export function drawWhatIfBanner(store: Store, questions: WhatIfQuestions): HTMLElement {
  const text = element("span");
  const clear = iconButton(close, l10n.t("Back to the answer's own token"), () => questions.clear());
  const root = element("div.what-if", { attributes: { role: "status", hidden: true } }, text, clear);
  const draw = (): void => {
    const { whatIf } = store.state;
    root.hidden = whatIf === null;
    const own = whatIf && store.data.info.tokens[whatIf.token];
    if (!whatIf || !own) return;
    const [label, other] = [tokenLabel(own.text), tokenLabel(whatIf.text)];
    const probability = formatProbability(whatIf.logprob);
    text.textContent =
      whatIf.kind === "instead"
        ? l10n.t("Explained as if the model had said {0} ({1}) in place of {2}.", other, probability, label)
        : l10n.t("What speaks for {0} and not for {1} ({2}).", label, other, probability);
  };
  store.listen((changed) => {
    if (changed.has("whatIf")) draw();
  });
  draw();
  return root;
}

/** What the model could have said in the place of the pinned token; hidden while the whole answer is pinned. */
export function drawAlternativesPanel(store: Store, questions: WhatIfQuestions): HTMLElement {
  const list = element("div");
  const state = element("p.note", { attributes: { role: "status" } });
  const heading = element("h3", {}, l10n.t("What it could have said"));
  const root = element("section.could-have-said", { attributes: { hidden: true } }, heading, list, state);
  const draw = (): void => {
    const { selected } = store.state;
    const token = selected === null ? undefined : store.data.info.tokens[selected];
    root.hidden = token === undefined || token.alternatives.length === 0;
    if (selected === null || token === undefined) return;
    const refusal = questions.refusal;
    list.replaceChildren(
      drawAlternatives(
        alternativeRows(store, questions, selected),
        refusal === null ? (other, kind) => void questions.put(selected, other, kind) : null,
      ),
    );
    state.replaceChildren(...describeWork(questions, selected, refusal));
    state.classList.toggle("failed", questions.work?.state === "failed");
  };
  store.listen((changed) => {
    if (changed.has("selected") || changed.has("whatIf") || changed.has("data")) draw();
  });
  questions.listen(draw);
  draw();
  return root;
}

function alternativeRows(store: Store, { work }: WhatIfQuestions, selected: number): AlternativeRow[] {
  const token = store.data.info.tokens[selected];
  if (!token) return [];
  const { whatIf } = store.state;
  const { id, text, logprob, alternatives } = token;
  const listed = alternatives.some((other) => other.id === id);
  const all = listed ? alternatives : [...alternatives, { id, text, logprob }];
  const active = whatIf?.token === selected ? whatIf : null;
  return all.map((other) => ({
    other,
    chosen: other.id === id,
    active: active?.tokenId === other.id ? active.kind : null,
    busy: work?.state === "busy",
  }));
}

function describeWork(
  { work }: WhatIfQuestions,
  selected: number,
  refusal: string | null,
): (Node | string)[] {
  if (refusal !== null) return [refusal];
  if (work?.token !== selected) return [];
  if (work.state === "failed") return [work.message];
  return [progressRing(), l10n.t("Asking the model…")];
}
