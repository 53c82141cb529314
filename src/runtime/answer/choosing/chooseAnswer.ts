import {
  BaseStreamer,
  random,
  StoppingCriteria,
  StoppingCriteriaList,
  type PreTrainedModel,
} from "@huggingface/transformers";
import { isCancelled } from "../../../core/serializedError.js";
import { textInputs } from "../../families/textInputs.js";
import type { DecoderSession } from "../../session/decoderSession.js";
import type { Answer, AnswerListener, AnswerTask } from "../answer.js";
import { afterPicture } from "../afterPicture.js";
import { throwIfCancelled } from "../cancellation.js";
import { ForcedTokens } from "../forceSteps.js";
import { choosingOptions } from "./logitsProcessors.js";
import { StopText } from "./stopText.js";

/**
 * Has the model choose an answer of at most `maxNewTokens`, after the tokens of an earlier one when it goes on from
 * that; those are the first of the answer, and the listener hears of them too.
 */
export async function chooseAnswer(
  task: AnswerTask,
  decoder: DecoderSession,
  maxNewTokens: number,
): Promise<Answer> {
  const { vlm, model, request, listener, signal } = task;
  const plan = continuation(task);
  const ids: number[] = [];
  const stop = new StopText(vlm.processor.tokenizer, request.stopStrings ?? []);
  let logits: Float32Array = new Float32Array();
  const take = (id: number): void => {
    ids.push(id);
    listener.onToken(id, logits);
  };
  decoder.listener = {
    get rows() {
      return ids.length === 0 ? plan.fed.length + 1 : 1;
    },
    beforeStep: () => stepUnlessCancelled(listener, signal),
    onStep: (step) => {
      const fed = ids.length === 0 ? plan.fed : [];
      const rows = fed.length + 1;
      const width = step.logits.length / rows;
      listener.onStep(step, rows);
      for (const [row, id] of fed.entries()) {
        logits = step.logits.subarray(row * width, (row + 1) * width);
        take(id);
      }
      logits = step.logits.subarray(fed.length * width);
    },
  };
  const streamer = new TokenStreamer((id) => {
    take(id);
    if (ids.length > plan.fed.length + plan.forced.length) stop.look(ids);
  });
  if (request.seed !== null) seedSampling(request.seed);
  const stopping = new StoppingCriteriaList();
  stopping.extend([new Cancelled(signal), stop.criterion]);
  const generation = model.generate({
    ...plan.inputs,
    ...withForced(choosingOptions(request), plan.forced),
    max_new_tokens: plan.forced.length + maxNewTokens,
    ...(task.earlier?.wasEnded === true && { min_new_tokens: plan.forced.length + 1 }),
    streamer,
    stopping_criteria: stopping,
    // Otherwise the cache is freed before the last tokens are explained.
    return_dict_in_generate: true,
  } as never);
  await generation.catch((error: unknown) => {
    if (!isCancelled(error) || ids.length === 0) throw error;
  });
  return { ids, ...endOf(model, ids, stop, signal) };
}

interface Continuation {
  readonly inputs: Record<string, unknown>;
  /** Tokens of an earlier answer that go in with the prompt. */
  readonly fed: readonly number[];
  /** Those that the model is made to choose, one after another. */
  readonly forced: readonly number[];
}

/** An earlier answer goes in with the prompt, but where the prompt attends to all of itself after it. */
function continuation({ vlm, prompt, reused, earlier }: AnswerTask): Continuation {
  const ids = earlier?.tokens.map(({ id }) => id) ?? [];
  const inputs = reused ? afterPicture(prompt, reused) : prompt.inputs;
  if (ids.length === 0 || vlm.family.promptIsCausal === false) return { inputs, fed: [], forced: ids };
  return { inputs: { ...inputs, ...textInputs([...prompt.ids, ...ids]) }, fed: ids, forced: [] };
}

/** Forcing comes after all other processors. */
function withForced(options: Record<string, unknown>, forced: readonly number[]): Record<string, unknown> {
  if (forced.length === 0) return options;
  const others = (options["logits_processor"] ?? []) as readonly unknown[];
  return { ...options, logits_processor: [...others, new ForcedTokens(forced)] };
}

/** Waits for the listener; rejects when the answer was cancelled meanwhile. */
export async function stepUnlessCancelled(listener: AnswerListener, signal: AbortSignal): Promise<void> {
  throwIfCancelled(signal);
  await listener.beforeStep();
  throwIfCancelled(signal);
}

/** transformers.js samples from one generator of its own, which its types leave untyped. */
function seedSampling(seed: number): void {
  (random as { seed(value: number): void }).seed(seed);
}

function endOf(
  model: PreTrainedModel,
  ids: readonly number[],
  { found }: StopText,
  signal: AbortSignal,
): Omit<Answer, "ids"> {
  if (isStop(model, ids[ids.length - 1])) return { finish: "stop" };
  if (found !== null) return { finish: "stop", stopString: found };
  return { finish: signal.aborted ? "cancelled" : "length" };
}

/** True for the model's end-of-sequence tokens. */
export function isStop(model: PreTrainedModel, id: number | undefined): boolean {
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
