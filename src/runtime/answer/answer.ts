import {
  BaseStreamer,
  random,
  StoppingCriteria,
  Tensor,
  type LlavaForConditionalGeneration,
} from "@huggingface/transformers";
import { DexarError } from "../../core/errors.js";
import { isCancelled } from "../../core/serializedError.js";
import type { GenerateRequest } from "../../protocol/modelProcess.js";
import type { DecoderSession, DecoderStep } from "../session/decoderSession.js";
import { freeDeviceTensors } from "../session/deviceTensors.js";
import type { LoadedVlm } from "../model/loadModel.js";
import { throwIfCancelled } from "./cancellation.js";
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
}

/** What an answer is made from. */
export interface AnswerTask {
  readonly vlm: LoadedVlm;
  /** Over the plain or the tapped decoder. */
  readonly model: LlavaForConditionalGeneration;
  readonly prompt: ModelInputs;
  readonly request: GenerateRequest;
  /** The beginning of the prompt that an earlier answer has left in the cache, picture and all. */
  readonly reused?: ReusedPrefix | null;
  readonly listener: AnswerListener;
  readonly signal: AbortSignal;
}

/**
 * Generates an answer, or runs the forced target through the decoder in one forward pass. A cancel stops it before
 * the next forward pass; with no token yet it rejects with DexarError `cancelled`.
 */
export async function runAnswer(task: AnswerTask): Promise<Answer> {
  const decoder = decoderOf(task.model);
  // Listed now: transformers.js puts the cache of each step into the same object.
  const reused = Object.values(task.reused?.past ?? {});
  try {
    return task.request.target
      ? await forceTarget(task, decoder, targetIds(task.vlm, task.request.target))
      : await generate(task, decoder);
  } finally {
    decoder.listener = null;
    // Freed by the first step, unless the answer ended before it.
    freeDeviceTensors(reused);
  }
}

/** The decoder's session inside transformers.js's model. */
export function decoderOf(model: LlavaForConditionalGeneration): DecoderSession {
  const session: unknown = model.sessions["decoder_model_merged"];
  return session as DecoderSession;
}

/** Runs the model once over the prompt followed by `ids`, from where `reused` ends. */
export async function runForward(
  model: LlavaForConditionalGeneration,
  prompt: ModelInputs,
  ids: readonly number[],
  reused: ReusedPrefix | null = null,
): Promise<void> {
  const input = [...prompt.ids, ...ids];
  const vector = (values: readonly number[]) =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
  await model.forward({
    ...(reused === null ? prompt.inputs : { past_key_values: reused.past }),
    input_ids: vector(input.slice(reused?.length ?? 0)),
    attention_mask: vector(input.map(() => 1)),
  });
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
      : (vlm.processor.tokenizer?.encode(target.text, { add_special_tokens: false }) ?? []);
  for (const id of ids) checkToken(vlm, id);
  // Blank text has tokens in most vocabularies, but nothing that could be explained.
  if (ids.length > 0 && !("text" in target && target.text.trim() === "")) return ids;
  throw new DexarError(
    "empty-target",
    "The target is blank or tokenises to nothing.",
    "Give a target with at least one word.",
  );
}

/**
 * Checks before the work what a request asks of the answer, and whether there is memory for it.
 * @param captureEvery how many tokens are explained together; null: none is explained
 * @returns warnings
 * @throws DexarError `prompt-too-long`, `bad-target`, `empty-target` or `not-enough-memory`
 */
export function checkAnswer(
  vlm: LoadedVlm,
  prompt: ModelInputs,
  request: GenerateRequest,
  captureEvery: number | null,
): string[] {
  const { target, maxNewTokens } = request;
  const answerTokens = room(vlm, prompt, target ? targetIds(vlm, target).length : maxNewTokens);
  return vlm.memoryCheck.beforeAnswer({
    promptTokens: prompt.ids.length,
    imageTokens: prompt.imagePositions.length,
    answerTokens,
    captureEvery,
    forced: target !== null,
  });
}

/** Positions the answer may still fill; throws when the prompt alone is too long. */
function room(vlm: LoadedVlm, prompt: ModelInputs, wanted: number): number {
  const left = vlm.maxPositions - prompt.ids.length;
  if (left >= 1 && wanted <= left) return wanted;
  throw new DexarError(
    "prompt-too-long",
    `The prompt is ${prompt.ids.length} tokens (${prompt.imagePositions.length} of the image) and the answer up to ${wanted}; the model takes ${vlm.maxPositions} together.`,
    left >= 1 ? `Shorten the prompt, or ask for at most ${left} new tokens.` : "Shorten the prompt.",
  );
}

async function forceTarget(task: AnswerTask, decoder: DecoderSession, ids: number[]): Promise<Answer> {
  const { vlm, model, prompt, reused, listener, signal } = task;
  room(vlm, prompt, ids.length);
  const rows = ids.length;
  decoder.listener = {
    rows,
    beforeStep: () => stepUnlessCancelled(listener, signal),
    onStep: (step) => {
      listener.onStep(step, rows);
      const vocabulary = step.logits.length / rows;
      ids.forEach((id, k) =>
        listener.onToken(id, step.logits.subarray(k * vocabulary, (k + 1) * vocabulary)),
      );
    },
  };
  // The last target predicts nothing that is asked for, so it is not fed.
  await runForward(model, prompt, ids.slice(0, -1), reused);
  return { ids, finish: "target" };
}

async function generate(task: AnswerTask, decoder: DecoderSession): Promise<Answer> {
  const { vlm, model, prompt, request, listener, signal } = task;
  const maxNewTokens = room(vlm, prompt, request.maxNewTokens);
  const ids: number[] = [];
  let logits: Float32Array = new Float32Array();
  decoder.listener = {
    rows: 1,
    beforeStep: () => stepUnlessCancelled(listener, signal),
    onStep: (step) => {
      logits = step.logits;
      listener.onStep(step, 1);
    },
  };
  const streamer = new TokenStreamer((id) => {
    ids.push(id);
    listener.onToken(id, logits);
  });
  if (request.seed !== null) seedSampling(request.seed);
  const generation = model.generate({
    ...generationInputs(task),
    max_new_tokens: maxNewTokens,
    do_sample: request.temperature > 0,
    ...(request.temperature > 0 ? { temperature: request.temperature, top_k: request.topK } : {}),
    streamer,
    stopping_criteria: new Cancelled(signal),
    // Otherwise the cache is freed before the last tokens are explained.
    return_dict_in_generate: true,
  } as never);
  await generation.catch((error: unknown) => {
    if (!isCancelled(error) || ids.length === 0) throw error;
  });
  return { ids, finish: finishOf(model, ids, signal) };
}

/** Without pixels where the cache already holds the picture. */
function generationInputs({ prompt, reused }: AnswerTask): Record<string, unknown> {
  if (!reused) return prompt.inputs;
  const { input_ids, attention_mask } = prompt.inputs;
  return { input_ids, attention_mask, past_key_values: reused.past };
}

async function stepUnlessCancelled(listener: AnswerListener, signal: AbortSignal): Promise<void> {
  throwIfCancelled(signal);
  await listener.beforeStep();
  throwIfCancelled(signal);
}

/** transformers.js samples from one generator of its own, which its types leave untyped. */
function seedSampling(seed: number): void {
  (random as { seed(value: number): void }).seed(seed);
}

function finishOf(
  model: LlavaForConditionalGeneration,
  ids: readonly number[],
  signal: AbortSignal,
): Answer["finish"] {
  if (isStop(model, ids[ids.length - 1])) return "stop";
  return signal.aborted ? "cancelled" : "length";
}

/** True for the model's end-of-sequence tokens. */
export function isStop(model: LlavaForConditionalGeneration, id: number | undefined): boolean {
  const stop = (model.generation_config as { eos_token_id?: number | number[] | null } | null)?.eos_token_id;
  return id !== undefined && (Array.isArray(stop) ? stop.includes(id) : stop === id);
}

/** Hands on chosen ids; the first call brings the prompt. */
class TokenStreamer extends BaseStreamer {
  private prompt = true;

  constructor(private readonly onToken: (id: number) => void) {
    super();
  }

  override put(value: bigint[][]): void {
    if (!this.prompt) this.onToken(Number(value[0]?.[0]));
    this.prompt = false;
  }

  override end(): void {
    this.prompt = true;
  }
}

class Cancelled extends StoppingCriteria {
  constructor(private readonly signal: AbortSignal) {
    super();
  }

  override _call(inputIds: number[][]): boolean[] {
    return inputIds.map(() => this.signal.aborted);
  }
}
