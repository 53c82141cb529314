import type { ExplainTask, Question } from "../services.js";
import type { HostSettings } from "../settings/hostSettings.js";

/** Tokens that are explained together when not live. */
const TOKENS_AT_ONCE = 32;

/** A question as a task for the model; what it leaves open is as in the user's settings. */
export function questionTask(question: Question, settings: HostSettings): ExplainTask {
  const { image, prompt, target, model, source, attribution } = question;
  const live = question.live ?? settings.live;
  const { preset, textSet } = settings;
  return {
    image,
    request: {
      prompt,
      rawPrompt: false,
      target: target === null ? null : { text: target },
      maxNewTokens: question.maxNewTokens ?? settings.maxNewTokens,
      temperature: question.temperature ?? settings.temperature,
      topK: question.topK ?? settings.topK,
      seed: question.seed ?? settings.seed,
      resize: "pil",
      pixelValuesPath: null,
      captureEvery: live ? 1 : TOKENS_AT_ONCE,
      settings: { preset, textSet, ...attribution },
    },
    ...(model && { model }),
    ...(source && { source }),
  };
}
