import * as l10n from "@vscode/l10n";
import type { RunInfo } from "../../../src/core/run/types.js";
import { element } from "../../components/element.js";

/** How a run's answer was generated, where that is not the plain way: each difference in a few words. */
export function generationFacts({ generation }: RunInfo): HTMLElement[] {
  const { mode, systemPrompt = "", continued } = generation;
  const texts = [
    ...(mode === "generated" ? choosingTexts(generation) : []),
    ...(continued ? [l10n.t("continued after {0} tokens", continued.tokens)] : []),
  ];
  const facts = texts.map((text) => element("span.difference", {}, text));
  if (systemPrompt === "") return facts;
  return [
    element("span.difference", { attributes: { title: systemPrompt } }, l10n.t("system prompt")),
    ...facts,
  ];
}

/** How tokens were chosen. */
function choosingTexts(generation: RunInfo["generation"]): string[] {
  const { repetitionPenalty = 1, stopStrings = [] } = generation;
  const stops = stopStrings.map((text) => JSON.stringify(text)).join(", ");
  return [
    ...(generation.temperature > 0 ? samplingTexts(generation) : []),
    ...(repetitionPenalty === 1 ? [] : [l10n.t("repetition penalty {0}", repetitionPenalty)]),
    ...(stops === "" ? [] : [l10n.t("stops at {0}", stops)]),
  ];
}

function samplingTexts({ temperature, topK, topP = 1, minP = 0, seed }: RunInfo["generation"]): string[] {
  return [
    l10n.t("temperature {0}", temperature),
    ...(topK > 0 ? [l10n.t("top-k {0}", topK)] : []),
    ...(topP < 1 ? [l10n.t("top-p {0}", topP)] : []),
    ...(minP > 0 ? [l10n.t("min-p {0}", minP)] : []),
    ...(seed === null ? [] : [l10n.t("seed {0}", seed)]),
  ];
}
