import * as l10n from "@vscode/l10n";
import { formatNumber, formatShare } from "../../src/core/run/formatNumber.js";
import { drawPromptWords } from "../charts/drawPromptWords.js";
import { layoutPromptWords, type PromptWord, type PromptWordsLayout } from "../charts/promptWords.js";
import { wordShareTable } from "../charts/wordShareTable.js";
import { promptWordTable } from "../charts/promptWordTable.js";
import { button } from "../components/button.js";
import { element } from "../components/element.js";
import { panel } from "../components/panel.js";
import { select } from "../components/select.js";
import { drawInFrame } from "./drawing.js";
import { canChangeFilter, whyFixed } from "./canChangeFilter.js";
import { describeSources } from "./sourceFacts.js";
import { pinnedSubject, type Store, type WordTint } from "./store.js";
import { chosenPositions, textSetPositions, toggleWord } from "./textSetPositions.js";
import { describeWord } from "./wordFacts.js";
import { wordSources, type WordSources } from "./wordSources.js";
import { wordWins, type WordWins } from "./wordWins.js";

const REDRAWN_BY = ["data", "attribution", "settings", "selected", "whatIf", "table", "wordTint"] as const;

/**
 * The text side: each word of prompt and answer so far, tinted by how many heads' text score it won, or by what it
 * contributes to what is pinned.
 */
export function drawPromptPanel(store: Store): HTMLElement {
  const readout = element("p.readout.word-facts", { attributes: { "aria-live": "polite" } });
  const legend = element("div.legend");
  const bar = element("div.choose-bar");
  const table = element("div.table-scroll", { attributes: { tabindex: 0 } });
  const details = element("details", {}, element("summary", {}, l10n.t("As a table")), table);
  let wins: WordWins | null = null;
  let sources: WordSources | null = null;
  const describe = (word: PromptWord | null): void => {
    const subject = pinnedSubject(store);
    readout.replaceChildren(
      ...(store.state.wordTint === "wins"
        ? describeWord(store, subject, word, wins)
        : describeSources(sources, word, subject.token === null)),
    );
  };
  const tint = select(l10n.t("Tint"), tintChoices(), store.state.wordTint, (wordTint) =>
    store.set({ wordTint }),
  );
  const chart = drawPromptWords(l10n.t("Words of the prompt and the answer so far"), {
    choose: (word) => chooseWord(store, word),
    preview: describe,
  });
  const redraw = drawInFrame(chart.root, () => {
    const subject = pinnedSubject(store);
    const { wordTint } = store.state;
    wins = wordWins(subject);
    sources = wordTint === "wins" ? null : wordSources(subject, wordTint);
    tint.set(wordTint);
    const layout = layoutWords(store, wins, sources);
    chart.show(layout, isChoosing(store), store.state.table.winner);
    chart.point(store.state.position);
    describe(null);
    legend.replaceChildren(...(wordTint !== "wins" || wins ? drawLegend(layout, wordTint) : []));
    details.hidden = wordTint === "wins" ? wins === null : sources === null;
    if (details.open) table.replaceChildren(drawTable(layout, wins, sources));
    bar.replaceChildren(...drawBar(store));
  });
  details.addEventListener("toggle", redraw);
  store.listen((changed) => {
    if (REDRAWN_BY.some((name) => changed.has(name))) redraw();
    else if (changed.has("position")) chart.point(store.state.position);
  });
  const root = panel(l10n.t("Prompt words"), [tint], bar, chart.root, readout, legend, details);
  root.classList.add("prompt-panel", "wide");
  return root;
}

function tintChoices(): { value: WordTint; text: string }[] {
  return [
    { value: "wins", text: l10n.t("heads won") },
    { value: "all", text: l10n.t("share, all heads") },
    { value: "image", text: l10n.t("share, kept heads") },
    { value: "text", text: l10n.t("share, text heads") },
  ];
}

function drawTable(
  layout: PromptWordsLayout,
  wins: WordWins | null,
  sources: WordSources | null,
): HTMLTableElement {
  if (!sources) return promptWordTable(wordsOf(layout), wins?.total ?? 0);
  return wordShareTable(wordsOf(layout), ({ position, count }) => sum(sources.net, position, count));
}

/** Sum of `count` values from a position on. */
function sum(values: Float32Array, from: number, count: number): number {
  return values.subarray(from, from + count).reduce((total, value) => total + value, 0);
}

function wordsOf({ groups }: PromptWordsLayout): readonly PromptWord[] {
  return groups.flatMap(({ words }) => words);
}

function isChoosing(store: Store): boolean {
  return canChangeFilter(store) && chosenPositions(store.state.settings) !== null;
}

function layoutWords(store: Store, wins: WordWins | null, sources: WordSources | null): PromptWordsLayout {
  const { info } = store.data;
  const { selected, settings } = store.state;
  return layoutPromptWords({
    info,
    // An encoder has no positions for the answer: its words can neither win nor contribute.
    answered: info.model.attends === "encoder" ? 0 : (selected ?? info.tokens.length - 1),
    winsOf: (position) => {
      const won = wins?.byPosition.get(position);
      return won && { heads: won.heads, score: won.strongest.score };
    },
    shareOf: sources && ((position, count) => sum(sources.share, position, count)),
    chosen: isChoosing(store) ? chosenPositions(settings) : null,
  });
}

/** A click: into or out of the chosen text set, else the table of the heads that the word won, or all of them again. */
function chooseWord(store: Store, word: PromptWord): void {
  if (word.kind === "image") return;
  if (isChoosing(store)) {
    store.set({ settings: toggleWord(store.state.settings, word.position) });
    return;
  }
  const { table, wordTint } = store.state;
  if (wordTint !== "wins") return;
  if (table.winner === word.position) store.set({ table: { ...table, winner: null } });
  else if (word.heads > 0)
    store.set({ table: { ...table, winner: word.position, show: "all", search: "" }, tab: "filter" });
}

/** What choosing words is about, and the ways in and out of it. */
function drawBar(store: Store): Node[] {
  const note = whyFixed(store);
  if (note !== null) return store.state.attribution.textWinner ? [] : [element("p.note", {}, note)];
  const setText = (textSet: Store["state"]["settings"]["textSet"]): void =>
    store.set({ settings: { ...store.state.settings, textSet } });
  const { info } = store.data;
  if (!isChoosing(store)) {
    const start = (): void => setText({ positions: textSetPositions(info, store.state.settings.textSet) });
    const title = l10n.t("Choose by clicks which words compete with the picture in S_text");
    return [button(l10n.t("Choose words…"), { title }, start)];
  }
  const own = info.prompt.tokens.flatMap(({ kind }, position) => (kind === "text" ? [position] : []));
  return [
    element("p.note", {}, l10n.t("Click words to put them into the text set or take them out.")),
    button(l10n.t("Only my words"), {}, () => setText({ positions: own })),
    button(l10n.t("None"), {}, () => setText({ positions: [] })),
    button(l10n.t("All text again"), {}, () => setText("all")),
  ];
}

function drawLegend({ mostHeads, mostScore, mostShare }: PromptWordsLayout, tint: WordTint): Node[] {
  if (tint !== "wins") {
    const most = formatShare(mostShare);
    return [element("span.key", {}, `${l10n.t("share")} 0`, element("span.ramp"), most)];
  }
  return [
    element("span.key", {}, `${l10n.t("heads won")} 0`, element("span.ramp"), String(mostHeads)),
    element(
      "span.key",
      {},
      `${l10n.t("strongest S_text")} 0`,
      element("span.line-ramp"),
      formatNumber(mostScore),
    ),
  ];
}
