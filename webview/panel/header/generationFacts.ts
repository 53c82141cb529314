import * as l10n from "@vscode/l10n";
import type { RunInfo } from "../../../src/core/run/types.js";
import { element } from "../../components/element.js";

/** How a run's answer was generated, where that is not the plain way: each difference in a few words. */
export function generationFacts({ generation }: RunInfo): HTMLElement[] {
  const { mode, temperature, topK, seed, topP = 1, minP = 0, continued } = generation;
  const { repetitionPenalty = 1, stopStrings = [], systemPrompt = "" } = generation;
  const facts: HTMLElement[] = [];
  const add = (text: string, title?: string): void => {
    const fact = element("span.difference", {}, text);
    if (title !== undefined) fact.title = title;
    facts.push(fact);
  };
  if (systemPrompt !== "") add(l10n.t("system prompt"), systemPrompt);
  if (mode === "generated") {
    if (temperature > 0) {
      add(l10n.t("temperature {0}", temperature));
      if (topK > 0) add(l10n.t("top-k {0}", topK));
      if (topP < 1) add(l10n.t("top-p {0}", topP));
      if (minP > 0) add(l10n.t("min-p {0}", minP));
      if (seed !== null) add(l10n.t("seed {0}", seed));
    }
    if (repetitionPenalty !== 1) add(l10n.t("repetition penalty {0}", repetitionPenalty));
    if (stopStrings.length > 0)
      add(l10n.t("stops at {0}", stopStrings.map((text) => JSON.stringify(text)).join(", ")));
  }
  if (continued) add(l10n.t("continued after {0} tokens", continued.tokens));
  return facts;
}
