import * as l10n from "@vscode/l10n";
import type { Change, TextPart } from "../../src/core/compare/change.js";
import { element } from "../components/element.js";
import { changeWords } from "./changeText.js";
import type { CompareStore } from "./compareStore.js";

/** What was changed from A to B, in words; follows the settings of the sides. */
export function drawChangeList(store: CompareStore): HTMLElement {
  const root = element("div.changes", { attributes: { "aria-live": "polite" } });
  const draw = (): void => {
    const { changes } = store;
    const heading = element("h2", {}, l10n.t("What changed"));
    root.replaceChildren(
      heading,
      changes.length === 0
        ? element("p.note", {}, nothing(store))
        : element("ul", {}, ...changes.map((change) => element("li", {}, ...drawChange(change)))),
    );
  };
  store.listen((changed) => {
    if (changed.has("settings")) draw();
  });
  draw();
  return root;
}

function nothing({ data, pairs, comparison }: CompareStore): string {
  if (data[0] === data[1])
    return l10n.t(
      "Nothing: this is one run on both sides. Choose two of its tokens, or other settings for one side.",
    );
  const alike = comparison.map.most === 0 && pairs.every(({ kind }) => kind === "same");
  return alike
    ? l10n.t("Nothing: the runs are identical in question, answer and map.")
    : l10n.t("Nothing that was asked: picture, prompt, model and settings are the same.");
}

function drawChange(change: Change): (Node | string)[] {
  if (change.code === "prompt")
    return [
      element("span.what", {}, l10n.t("Prompt")),
      element("span.text-diff", {}, ...change.parts.map(drawPart)),
    ];
  const { what, values } = changeWords(change);
  if (values === null) return [element("span.what", {}, what)];
  return [
    element("span.what", {}, what),
    element(
      "span.values",
      {},
      element("span.side-a", {}, values[0]),
      element("span.arrow", { attributes: { "aria-label": l10n.t("became"), role: "img" } }, "→"),
      element("span.side-b", {}, values[1]),
    ),
  ];
}

function drawPart({ kind, text }: TextPart): Node | string {
  switch (kind) {
    case "same":
      return text;
    case "removed":
      return element("del", {}, text);
    case "added":
      return element("ins", {}, text);
  }
}
