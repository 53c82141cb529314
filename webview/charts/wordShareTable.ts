import * as l10n from "@vscode/l10n";
import { formatShare } from "../../src/core/run/formatNumber.js";
import { tokenLabel } from "../../src/core/run/tokenLabel.js";
import { element } from "../components/element.js";
import { partName } from "./drawPromptWords.js";
import { partOf, type PromptWord } from "./promptWords.js";

/** The words and pictures that contribute, most first, as a table. @param netOf share with both signs at a position */
export function wordShareTable(
  words: readonly PromptWord[],
  netOf: (word: PromptWord) => number,
): HTMLTableElement {
  const headings = [l10n.t("Word"), l10n.t("Part"), l10n.t("Position"), l10n.t("Share"), l10n.t("Net")];
  const value = ({ share }: PromptWord): number => share ?? 0;
  const shown = words.filter((word) => value(word) > 0).sort((a, b) => value(b) - value(a));
  return element(
    "table.numbers.words",
    {},
    element("caption", {}, l10n.t("What the words and the picture contribute")),
    element(
      "thead",
      {},
      element("tr", {}, ...headings.map((text) => element("th", { attributes: { scope: "col" } }, text))),
    ),
    element("tbody", {}, ...shown.map((word) => drawRow(word, netOf(word)))),
  );
}

function drawRow(word: PromptWord, net: number): HTMLElement {
  const isImage = word.kind === "image";
  const cells = [
    isImage ? l10n.t("Picture") : partName(partOf(word.kind)),
    String(word.position),
    formatShare(word.share ?? 0),
    net < 0 ? `−${formatShare(-net)}` : formatShare(net),
  ];
  const name = isImage ? l10n.t("{0} image tokens", word.count) : tokenLabel(word.text);
  return element(
    "tr",
    {},
    element("th.word", { attributes: { scope: "row" } }, name),
    ...cells.map((text) => element("td", {}, text)),
  );
}
