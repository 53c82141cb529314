import type { PreTrainedModel } from "@huggingface/transformers";
import { DexarError } from "../../core/errors.js";
import type { AnswerSize } from "../../core/memory/types.js";
import { isCancelled } from "../../core/serializedError.js";
import type { GenerateRequest } from "../../protocol/modelProcess.js";
import { textInputs } from "../families/textInputs.js";
import type { DecoderSession, DecoderStep } from "../session/decoderSession.js";
import { freeDeviceTensors } from "../session/deviceTensors.js";
import type { LoadedVlm } from "../model/loadModel.js";
import { readModelJson } from "../model/modelFiles.js";
import { chooseAnswer, stepUnlessCancelled } from "./choosing/chooseAnswer.js";
import type { EarlierAnswer } from "./earlierAnswer.js";
import { afterPicture } from "./afterPicture.js";
import { forceSteps } from "./forceSteps.js";
import type { ReusedPrefix } from "./lastAnswer.js";
import type { ModelInputs } from "./prompt.js";

/** Called as the answer grows. */
export interface AnswerListener {
  /** A forward pass ended; its last `rows` positions predict the next `rows` tokens. */
  onStep(step: DecoderStep, rows: number): void;
  /** Token `id` was chosen (or forced) from `logits`. */
  onToken(id: number, logits: Float32Array): void;
  /** Awaited before each forward pass, while the previous step's cache is alive. */
  beforeStep(): Promise<void>;
}

export interface Answer {
  readonly ids: readonly number[];
  readonly finish: "stop" | "length" | "target" | "cancelled";
  /** The stop string that ended it; absent when none did. */
  readonly stopString?: string;
}

/** What an answer is made from. */
export interface AnswerTask {
  readonly vlm: LoadedVlm;
  /** Over the plain or the tapped decoder. */
  readonly model: PreTrainedModel;
  readonly prompt: ModelInputs;
  readonly request: GenerateRequest;
  /** The beginning of the prompt that an earlier answer has left in the cache, picture and all. */
  readonly reused?: ReusedPrefix | null;
  /** The answer to go on from. */
  readonly earlier?: EarlierAnswer | null;
  readonly listener: AnswerListener;
  readonly signal: AbortSignal;
}

/**
 * Generates an answer, or runs the forced target through the decoder in one forward pass. A cancel stops it before
 * the next forward pass; with no token yet it rejects with DexarError `cancelled`.
 */
export async function runAnswer(task: AnswerTask): Promise<Answer> {
  const decoder = decoderOf(task.vlm, task.model);
  // Listed now: transformers.js puts the cache of each step into the same object.
  const reused = Object.values(task.reused?.past ?? {});
  try {
    return task.request.target
      ? await forceTarget(task, decoder, targetIds(task.vlm, task.request.target))
      : await chooseAnswer(task, decoder, newTokens(task));
  } finally {
    decoder.listener = null;
    // Freed by the first step, unless the answer ended before it.
    freeDeviceTensors(reused);
  }
}

/** The decoder's session inside transformers.js's model. */
export function decoderOf(vlm: LoadedVlm, model: PreTrainedModel): DecoderSession {
  const session: unknown = model.sessions[vlm.parts.decoder.session];
  return session as DecoderSession;
}

/** Runs the model once over the prompt followed by `ids`, from where `reused` ends. */
export async function runForward(
  model: PreTrainedModel,
  prompt: ModelInputs,
  ids: readonly number[],
  reused: ReusedPrefix | null = null,
): Promise<void> {
  const whole = textInputs([...prompt.ids, ...ids]);
  if (reused === null) {
    await model.forward({ ...prompt.inputs, ...whole });
    return;
  }
  // transformers.js cuts off what the cache holds, and knows the positions of the rest.
  const inputs = { ...afterPicture(prompt, reused), ...whole };
  await model.forward(model.prepare_inputs_for_generation(null, inputs, {}) as Record<string, unknown>);
}

/** @throws DexarError `bad-target` when the id is not in the model's vocabulary */
export function checkToken(vlm: LoadedVlm, id: number): void {
  const { vocabulary } = vlm.decoder.structure.head;
  if (Number.isInteger(id) && id >= 0 && id < vocabulary) return;
  throw new DexarError(
    "bad-target",
    `Target id ${id} is not in the vocabulary (0 to ${vocabulary - 1}).`,
    "Give ids of this model's own vocabulary.",
  );
}

function targetIds(vlm: LoadedVlm, target: NonNullable<GenerateRequest["target"]>): number[] {
  const ids =
    "ids" in target
      ? [...target.ids]
      : [
          ...firstIds(vlm),
          ...(vlm.processor.tokenizer?.encode(target.text, { add_special_tokens: false }) ?? []),
        ];
  for (const id of ids) checkToken(vlm, id);
  // Blank text has tokens in most vocabularies, but nothing that could be explained.
  if (ids.length > 0 && !("text" in target && target.text.trim() === "")) return ids;
  throw new DexarError(
    "empty-target",
    "The target is blank or tokenises to nothing.",
    "Give a target with at least one word.",
  );
}

/** What every answer of the model begins with (`forced_bos_token_id`, of decoders with an encoder). */
function firstIds({ dir }: LoadedVlm): number[] {
  const id = readModelJson(dir, "generation_config.json", true)["forced_bos_token_id"];
  return typeof id === "number" ? [id] : [];
}

/** How an answer is made. */
export interface AnswerWork extends Pick<AnswerSize, "captureEvery" | "spooled"> {
  /** The answer that it goes on from. */
  readonly earlier?: EarlierAnswer | null;
}

/**
 * Checks before the work what a request asks of the answer, and whether there is memory for it.
 * @returns warnings
 * @throws DexarError `prompt-too-long`, `bad-target`, `empty-target` or `not-enough-memory`
 */
export function checkAnswer(
  vlm: LoadedVlm,
  prompt: ModelInputs,
  request: GenerateRequest,
  { earlier = null, ...work }: AnswerWork,
): string[] {
  const { target } = request;
  const most = (earlier?.tokens.length ?? 0) + request.maxNewTokens;
  const answerTokens = room(vlm, prompt, target ? targetIds(vlm, target).length : most);
  return vlm.memoryCheck.beforeAnswer({
    promptTokens: prompt.ids.length,
    imageTokens: prompt.imagePositions.length,
    answerTokens,
    forced: target !== null,
    ...work,
  });
}

/** Positions the answer may still fill; throws when the prompt alone is too long. */
function room(vlm: LoadedVlm, prompt: ModelInputs, wanted: number): number {
  // A decoder with an encoder has positions of its own, the first of them for its start token.
  const apart = vlm.decoder.structure.attends === "encoder";
  const before = apart ? 1 : prompt.ids.length;
  const left = prompt.ids.length > vlm.maxPositions ? 0 : vlm.maxPositions - before;
  if (left >= 1 && wanted <= left) return wanted;
  // Where the picture alone is most of it, its tokens follow its size.
  const pictureFills = prompt.imagePositions.length > vlm.maxPositions / 2;
  const shorten = pictureFills ? "Give a smaller copy of the picture" : "Shorten the prompt";
  throw new DexarError(
    "prompt-too-long",
    `The prompt is ${prompt.ids.length} tokens (${prompt.imagePositions.length} of the image) and the answer up to ${wanted}; the model takes ${vlm.maxPositions} ${apart ? "of each" : "together"}.`,
    left >= 1 ? `${shorten}, or ask for at most ${left} new tokens.` : `${shorten}.`,
  );
}

/** How many tokens the model may choose. */
function newTokens({ vlm, prompt, request, earlier }: AnswerTask): number {
  const before = earlier?.tokens.length ?? 0;
  return room(vlm, prompt, before + request.maxNewTokens) - before;
}

/** All targets in one forward pass with the prompt, or one after another where the prompt attends to all of itself. */
async function forceTarget(task: AnswerTask, decoder: DecoderSession, ids: number[]): Promise<Answer> {
  const { vlm, model, prompt, reused, listener, signal } = task;
  room(vlm, prompt, ids.length);
  const stepwise = vlm.family.promptIsCausal === false;
  const rows = stepwise ? 1 : ids.length;
  let done = 0;
  decoder.listener = {
    rows,
    beforeStep: () => stepUnlessCancelled(listener, signal),
    onStep: (step) => {
      listener.onStep(step, rows);
      const vocabulary = step.logits.length / rows;
      ids.slice(done, done + rows).forEach((id, k) => {
        listener.onToken(id, step.logits.subarray(k * vocabulary, (k + 1) * vocabulary));
      });
      done += rows;
    },
  };
  try {
    // The last target predicts nothing that is asked for, so it is not fed.
    await (stepwise
      ? forceSteps(model, prompt, ids)
      : runForward(model, prompt, ids.slice(0, -1), reused ?? null));
  } catch (error) {
    if (!isCancelled(error) || done === 0) throw error;
    return { ids: ids.slice(0, done), finish: "cancelled" };
  }
  return { ids, finish: "target" };
}
