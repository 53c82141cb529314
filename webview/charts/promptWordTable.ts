import * as l10n from "@vscode/l10n";
import { formatNumber, formatShare } from "../../src/core/run/formatNumber.js";
import { tokenLabel } from "../../src/core/run/tokenLabel.js";
import { element } from "../components/element.js";
import { partName } from "./drawPromptWords.js";
import { partOf, type PromptWord } from "./promptWords.js";

/** The words that won at least one head, most heads first, as a table. @param total heads times tokens */
export function promptWordTable(words: readonly PromptWord[], total: number): HTMLTableElement {
  const headings = [
    l10n.t("Word"),
    l10n.t("Part"),
    l10n.t("Position"),
    l10n.t("Heads won"),
    l10n.t("Share"),
    l10n.t("Strongest S_text"),
  ];
  const won = words.filter(({ heads }) => heads > 0).sort((a, b) => b.heads - a.heads || b.score - a.score);
  return element(
    "table.numbers.words",
    {},
    element("caption", {}, l10n.t("Words that won the text score")),
    element(
      "thead",
      {},
      element("tr", {}, ...headings.map((text) => element("th", { attributes: { scope: "col" } }, text))),
    ),
    element("tbody", {}, ...won.map((word) => drawRow(word, total))),
  );
}

function drawRow(word: PromptWord, total: number): HTMLElement {
  const numbers = [
    partName(partOf(word.kind)),
    String(word.position),
    String(word.heads),
    formatShare(total > 0 ? word.heads / total : 0),
    formatNumber(word.score),
  ];
  return element(
    "tr",
    {},
    element("th.word", { attributes: { scope: "row" } }, tokenLabel(word.text)),
    ...numbers.map((text) => element("td", {}, text)),
  );
}
