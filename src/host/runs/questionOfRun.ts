import type * as vscode from "vscode";
import { statedExtras } from "../../core/run/generationExtras.js";
import type { RunInfo } from "../../core/run/types.js";
import type { ModelChoice, Question } from "../services.js";

/**
 * What was asked when a run was made, to be asked again.
 * @param model null: another one than the run's, so what is said of its layers and heads does not hold
 */
export function questionOfRun(info: RunInfo, image: vscode.Uri, model: ModelChoice | null): Question {
  const { generation, settings, tokens, prompt } = info;
  const { layers, overrides, ...others } = settings;
  const { temperature, topK, maxNewTokens, seed } = generation;
  return {
    image,
    prompt: prompt.text,
    target: generation.mode === "forced" ? tokens.map(({ text }) => text).join("") : null,
    maxNewTokens,
    temperature,
    topK,
    ...statedExtras(generation),
    ...(seed !== null && { seed }),
    attribution: model === null ? others : { ...others, layers, overrides },
    ...(model && { model }),
  };
}
