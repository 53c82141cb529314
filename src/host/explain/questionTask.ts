import { generationExtras, type GenerationExtras } from "../../core/run/generationExtras.js";
import type { ExplainTask, Question } from "../services.js";
import type { HostSettings } from "../settings/hostSettings.js";

/** Tokens that are explained together when not live. */
const TOKENS_AT_ONCE = 32;

/** A question as a task for the model; what it leaves open is as in the user's settings. */
export function questionTask(question: Question, settings: HostSettings): ExplainTask {
  const { image, prompt, target, model, source, attribution, continueFrom, withImages } = question;
  const live = question.live ?? settings.live;
  const { preset, textSet } = settings;
  return {
    image,
    ...(withImages && { withImages }),
    request: {
      prompt,
      rawPrompt: false,
      target: target === null ? null : { text: target },
      maxNewTokens: question.maxNewTokens ?? settings.maxNewTokens,
      temperature: question.temperature ?? settings.temperature,
      topK: question.topK ?? settings.topK,
      seed: question.seed ?? settings.seed,
      ...extrasOf(question, settings),
      ...(continueFrom !== undefined && { continueFrom }),
      resize: "pil",
      pixelValuesPath: null,
      captureEvery: live ? 1 : TOKENS_AT_ONCE,
      settings: { preset, textSet, ...attribution },
    },
    ...(model && { model }),
    ...(source && { source }),
  };
}

function extrasOf(question: Question, settings: HostSettings): GenerationExtras {
  const repetitionPenalty = question.repetitionPenalty ?? settings.repetitionPenalty;
  return generationExtras({
    systemPrompt: question.systemPrompt ?? settings.systemPrompt,
    topP: question.topP ?? settings.topP,
    minP: question.minP ?? settings.minP,
    ...(repetitionPenalty !== null && { repetitionPenalty }),
    stopStrings: question.stopStrings ?? settings.stopStrings,
  });
}
