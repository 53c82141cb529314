import * as l10n from "@vscode/l10n";
import { formatShare } from "../../src/core/run/formatNumber.js";
import { tokenLabel } from "../../src/core/run/tokenLabel.js";
import type { PromptWord } from "../charts/promptWords.js";
import { element } from "../components/element.js";
import type { WordSources } from "./wordSources.js";

/** A word's part of what is explained in words; without a word, the parts of picture and text. */
export function describeSources(
  sources: WordSources | null,
  word: PromptWord | null,
  ofAnswer: boolean,
): (Node | string)[] {
  if (!sources) return [l10n.t("What words and picture contribute is worked out from the gradient.")];
  if (!word) return [describeSides(sources, ofAnswer)];
  if (word.kind === "image")
    return [
      l10n.t("The picture's {0} tokens here: {1} of the whole.", word.count, formatShare(word.share ?? 0)),
    ];
  const net = sources.net[word.position] ?? 0;
  const parts = [
    l10n.t("position {0}", word.position),
    l10n.t("{0} of the whole", formatShare(word.share ?? 0)),
    net < 0
      ? l10n.t("{0} against, with what speaks against it counted", formatShare(-net))
      : l10n.t("{0} with what speaks against it taken off", formatShare(net)),
  ];
  return [element("strong", {}, tokenLabel(word.text)), ` ${parts.join(" · ")}`];
}

function describeSides({ sides }: WordSources, ofAnswer: boolean): string {
  const { image, prompt, template, answer } = sides;
  if (image + prompt + template + answer === 0) return l10n.t("Nothing has a gradient in these heads.");
  const shares = [image, prompt, template, answer].map(formatShare);
  return ofAnswer
    ? l10n.t("The answer rests on: picture {0}, your words {1}, template {2}, answer so far {3}.", ...shares)
    : l10n.t("This token rests on: picture {0}, your words {1}, template {2}, answer so far {3}.", ...shares);
}
