import type { AttributionSettings } from "../../core/attribution/settings.js";
import type { ExplainTask } from "../services.js";
import type { HostSettings } from "../settings/hostSettings.js";
import type { AskedForm } from "./panelForm.js";

/** Tokens that are explained together when not live. */
const TOKENS_AT_ONCE = 32;

/** The form as a request, completed from the user's settings. */
export function explainRequest(
  form: AskedForm,
  attribution: Partial<AttributionSettings>,
  { temperature, topK, seed, preset, textSet }: HostSettings,
): ExplainTask["request"] {
  return {
    prompt: form.prompt,
    rawPrompt: false,
    target: form.target === null ? null : { text: form.target },
    maxNewTokens: form.maxNewTokens,
    temperature,
    topK,
    seed,
    resize: "pil",
    pixelValuesPath: null,
    captureEvery: form.live ? 1 : TOKENS_AT_ONCE,
    settings: { preset, textSet, ...attribution },
  };
}
