import { stringify } from "yaml";
import { statedExtras } from "../../core/run/generationExtras.js";
import type { RunInfo } from "../../core/run/types.js";

/**
 * The question of a run as a prompt file (`*.vlm.md`): what was asked of the model stands in its front matter.
 * @param image path of its picture
 */
export function promptOfRun(info: RunInfo, image: string): string {
  const { model, prompt, generation, tokens, settings } = info;
  const { mode, maxNewTokens, temperature, topK, seed } = generation;
  const { topP, minP, repetitionPenalty, stopStrings, systemPrompt } = statedExtras(generation);
  const isForced = mode === "forced";
  const fields = {
    model: model.name,
    image,
    ...(isForced && { target: tokens.map(({ text }) => text).join("") }),
    // What is left out is as the settings or the model say when it is asked.
    ...(!isForced && { max_new_tokens: maxNewTokens, temperature }),
    // Without a temperature there is no chance in the answer.
    ...(temperature > 0 && { top_k: topK, top_p: topP, min_p: minP }),
    ...(temperature > 0 && seed !== null && { seed }),
    repetition_penalty: repetitionPenalty,
    ...(stopStrings.length > 0 && { stop: stopStrings }),
    ...(systemPrompt !== "" && { system_prompt: systemPrompt }),
    preset: settings.preset,
    ...(typeof settings.textSet === "string" && { text_set: settings.textSet }),
  };
  return `---\n${stringify(fields, { blockQuote: false })}---\n${prompt.text}\n`;
}
