import { statedExtras } from "../../core/run/generationExtras.js";
import { valuesOfRun } from "../prompts/asksTheSame.js";
import type { RunEntry } from "../services.js";
import type { HostSettings } from "../settings/hostSettings.js";
import { formOf, type AskedQuestion } from "./askedQuestion.js";
import type { PanelStart } from "./panelRun.js";

/** A panel about a kept run: its question can be asked again, from its file when it came from one. */
export function runStart(
  { image, withImages, saved: { info }, source }: RunEntry,
  settings: HostSettings,
): Pick<PanelStart, "image" | "form" | "asked" | "ran"> {
  const { prompt, generation, tokens } = info;
  const { mode, maxNewTokens, temperature, topK, seed } = generation;
  const target = mode === "forced" ? tokens.map(({ text }) => text).join("") : null;
  const others = withImages ? { withImages } : {};
  const question: AskedQuestion = { prompt: prompt.text, target, maxNewTokens, ...others };
  const form = formOf(question, settings);
  if (!source) return { image, form, asked: withImages ? question : null };
  const asked = {
    ...question,
    temperature,
    topK,
    ...statedExtras(generation),
    ...(seed !== null && { seed }),
    source,
  };
  return { image, form, asked, ran: valuesOfRun(info) };
}
