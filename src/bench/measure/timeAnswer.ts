import type { ExplainRequest } from "../../protocol/modelProcess.js";
import { explainAnswer } from "../../runtime/answer/explain.js";
import { generateAnswer } from "../../runtime/answer/generate.js";
import type { LoadedVlm } from "../../runtime/model/loadModel.js";
import type { Run } from "../../core/run/types.js";

/** How long one answer took, in milliseconds; the preparation of picture and prompt is apart. */
export interface AnswerTime {
  readonly prepare: number;
  /** From prepared inputs to the first token. */
  readonly prefill: number;
  /** From prepared inputs to the finished text or run. */
  readonly whole: number;
  /** Inside the gradient model and the arithmetic on its results; 0 when nothing is explained. */
  readonly gradient: number;
  readonly ids: readonly number[];
}

/** Milliseconds from the first token to the end. */
export function decodeTime({ whole, prefill }: AnswerTime): number {
  return whole - prefill;
}

/** Generates an answer without capture. */
export async function timePlain(
  vlm: LoadedVlm,
  request: ExplainRequest,
  signal: AbortSignal,
): Promise<AnswerTime> {
  const start = performance.now();
  const { ids, timings } = await generateAnswer(vlm, request, () => undefined, signal);
  return answerTime(performance.now() - start, timings, ids);
}

/**
 * Generates and explains an answer.
 * @param follows the answer before, whose cache it may go on with; otherwise nothing is remembered
 */
export async function timeExplained(
  vlm: LoadedVlm,
  request: ExplainRequest,
  signal: AbortSignal,
  follows = false,
): Promise<AnswerTime & { readonly run: Run }> {
  if (!follows) vlm.lastAnswer.clear();
  const start = performance.now();
  const run = await explainAnswer(vlm, request, () => undefined, signal);
  const wall = performance.now() - start;
  const ids = run.info.tokens.map((token) => token.id);
  return { ...answerTime(wall, run.info.timings, ids), run };
}

function answerTime(
  wall: number,
  timings: Readonly<Record<string, number>>,
  ids: readonly number[],
): AnswerTime {
  const { prepare = NaN, prompt = NaN, gradient = 0 } = timings;
  return { prepare, prefill: prompt, whole: wall - prepare, gradient, ids };
}
