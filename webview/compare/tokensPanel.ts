import * as l10n from "@vscode/l10n";
import { compareSides } from "../../src/core/compare/compareSides.js";
import type { TokenChoice } from "../../src/core/compare/side.js";
import { formatNumber } from "../../src/core/run/formatNumber.js";
import { tokenLabel } from "../../src/core/run/tokenLabel.js";
import { layoutAlignedTokens } from "../charts/alignedTokens.js";
import { drawAlignedTokens } from "../charts/drawAlignedTokens.js";
import { element } from "../components/element.js";
import { panel } from "../components/panel.js";
import { select } from "../components/select.js";
import { choiceName } from "./choiceName.js";
import type { CompareStore } from "./compareStore.js";
import { numbersTable, openTable } from "./numbersTable.js";
import { shareText } from "./shareText.js";

/** Both answers above each other, pair by pair; and any token of A against any of B. */
export function drawTokensPanel(store: CompareStore): HTMLElement {
  const strips = drawAlignedTokens((index) => {
    const pair = index === null ? undefined : store.pairs[index];
    store.set({ choice: pair ? [pair.a, pair.b] : [null, null] });
  });
  const draw = (): void => {
    const [a, b] = store.runs.map(({ info, attribution }) => ({
      tokens: info.tokens,
      tokenWeight: attribution.tokenWeight,
    }));
    if (a && b) strips.update(layoutAlignedTokens(store.pairs, a, b));
  };
  const mark = (): void => strips.mark(selectedPair(store));
  store.listen((changed) => {
    if (changed.has("choice")) mark();
    if (changed.has("settings")) draw();
  });
  mark();
  draw();
  const controls = element("div.controls", {}, drawTokenChoice(store, 0), drawTokenChoice(store, 1));
  const root = panel(l10n.t("Tokens"), [controls], strips.root, drawTokenTable(store));
  root.classList.add("tokens-panel");
  return root;
}

/** The pair that is looked at; null: the whole answers; undefined: tokens that are no pair. */
function selectedPair({ state, pairs }: CompareStore): number | null | undefined {
  const [a, b] = state.choice;
  if (a === null && b === null) return null;
  const index = pairs.findIndex((pair) => same(pair.a, a) && same(pair.b, b));
  return index < 0 ? undefined : index;
}

function same(one: TokenChoice, other: TokenChoice): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A drop-down of one answer's tokens: the way to compare two tokens that are no pair. */
function drawTokenChoice(store: CompareStore, side: 0 | 1): HTMLElement {
  const room = element("span.token-choice");
  const draw = (): void => {
    const { info } = store.data[side];
    const present = store.state.choice[side];
    const own = [
      { value: "answer", text: l10n.t("Whole answer") },
      ...info.tokens.map(({ text }, index) => ({
        value: String(index),
        text: `${index} ${tokenLabel(text)}`,
      })),
    ];
    const single = present === null ? "answer" : present.length === 1 ? String(present[0]) : "other";
    const choices = single === "other" ? [...own, { value: "other", text: choiceName(info, present) }] : own;
    room.replaceChildren(
      select(side === 0 ? l10n.t("Token of A") : l10n.t("Token of B"), choices, single, (value) => {
        if (value === "other") return;
        const chosen = value === "answer" ? null : [Number(value)];
        store.set({ choice: side === 0 ? [chosen, store.state.choice[1]] : [store.state.choice[0], chosen] });
      }),
    );
  };
  store.listen((changed) => {
    // Not what a person is just choosing in: it shows it already.
    if (changed.has("choice") && !room.contains(document.activeElement)) draw();
  });
  draw();
  return room;
}

function drawTokenTable(store: CompareStore): HTMLElement {
  return openTable(l10n.t("The tokens as a table"), store, () => {
    const [a, b] = store.runs;
    return numbersTable(
      l10n.t("Tokens of A and B with delta and how far their maps overlap"),
      ["A", "B", l10n.t("Delta A"), l10n.t("Delta B"), l10n.t("Overlap")],
      store.pairs.map((pair) => {
        const compared = compareSides(a, b, [pair.a, pair.b]);
        const { similarity } = compared.map;
        return [
          choiceName(a.info, pair.a),
          choiceName(b.info, pair.b),
          compared.a.delta === null ? "–" : formatNumber(compared.a.delta),
          compared.b.delta === null ? "–" : formatNumber(compared.b.delta),
          similarity ? shareText(similarity.overlap) : "–",
        ];
      }),
    );
  });
}
