import * as l10n from "@vscode/l10n";
import { answerText } from "../../../src/core/run/answerText.js";
import type { RunInfo } from "../../../src/core/run/types.js";
import { element } from "../../components/element.js";
import { generationFacts } from "./generationFacts.js";

/** The head of a page that only shows a run: the prompt, and one line about model, device and run. */
export function drawRunFacts(info: RunInfo): Node[] {
  return [
    element(
      "div.facts",
      {},
      element("strong", {}, info.model.name),
      ...modelFacts(info),
      ...imageFacts(info),
      ...generationFacts(info),
    ),
    element("h1.prompt-text", {}, info.prompt.text.trim() || l10n.t("(empty prompt)")),
    element("p.visually-hidden", {}, l10n.t("Answer: {0}", answerText(info))),
    ...drawNotes(runNotes(info)),
  ];
}

function modelFacts({ model }: RunInfo): HTMLElement[] {
  return [
    element("span", {}, l10n.t("{0}, {1} layers x {2} heads", model.family, model.layers, model.heads)),
    element("span", {}, l10n.t("{0} on {1}", model.dtype, model.device)),
  ];
}

/** Which picture, how large, and the program that made the run. */
export function imageFacts({ image, tool }: RunInfo): HTMLElement[] {
  return [
    element("span.name", {}, image.name),
    element("span", {}, l10n.t("{0} x {1} pixels", image.width, image.height)),
    element("span", {}, tool),
  ];
}

/** What a reader must know about a run before believing it: how it ended, and its warnings. */
export function runNotes(info: RunInfo): string[] {
  return [...endingNotes(info), ...info.warnings];
}

/** Notes as a list; nothing when there are none. */
export function drawNotes(notes: readonly string[]): Node[] {
  if (notes.length === 0) return [];
  return [element("ul.warnings", {}, ...notes.map((note) => element("li", {}, note)))];
}

function endingNotes({ generation, partial }: RunInfo): string[] {
  const cutAfter = generation.maxNewTokens + (generation.continued?.tokens ?? 0);
  switch (generation.finish) {
    case "cancelled":
      return [l10n.t("Stopped: the tokens here are complete, the answer is not.")];
    case "length":
      return [l10n.t("The answer was cut at {0} tokens.", cutAfter)];
    case "target":
      return [
        l10n.t("Forced answer: the text was given, the model did not choose it."),
        ...(partial ? [l10n.t("Partial: not all of it was explained.")] : []),
      ];
    case "stop":
      return partial ? [l10n.t("Partial: the answer is not finished.")] : [];
  }
}
