import type { GeneratedText, GenerateRequest } from "../../protocol/modelProcess.js";
import type { EmitEvent } from "../engineTypes.js";
import type { LoadedVlm } from "../model/loadModel.js";
import { checkAnswer, decoderOf, runAnswer, type AnswerListener } from "./answer.js";
import { orCancelled } from "./cancellation.js";
import { chosenToken } from "./chosenToken.js";
import { preparePrompt } from "./prompt.js";

/** Generates an answer without capture: the plain baseline. */
export async function generateAnswer(
  vlm: LoadedVlm,
  request: GenerateRequest,
  emit: EmitEvent,
  signal: AbortSignal,
): Promise<GeneratedText> {
  const started = performance.now();
  emit({ kind: "stage", stage: "image", detail: request.imagePath });
  const [prompt, model] = await orCancelled(signal, Promise.all([preparePrompt(vlm, request), vlm.plain()]));
  checkAnswer(vlm, prompt, request, { captureEvery: null });
  const prepared = performance.now();
  const { tokenizer } = vlm.processor;
  let promptDone = 0;
  let index = 0;
  const listener: AnswerListener = {
    beforeStep: () => Promise.resolve(),
    onStep: () => {
      promptDone ||= performance.now();
    },
    onToken: (id, logits) => {
      emit({ kind: "token", index: index++, ...chosenToken(tokenizer, logits, id) });
    },
  };
  const answer = await runAnswer({ vlm, model, prompt, request, listener, signal }).finally(() =>
    decoderOf(vlm, model).freeCache(),
  );
  const ended = performance.now();
  emit({ kind: "stage", stage: "done", detail: `${answer.ids.length} tokens` });
  return {
    ...answer,
    text:
      answer.ids.length > 0 ? (tokenizer?.decode([...answer.ids], { skip_special_tokens: true }) ?? "") : "",
    timings: {
      prepare: prepared - started,
      prompt: promptDone - prepared,
      generate: ended - prepared,
      total: ended - started,
    },
  };
}
