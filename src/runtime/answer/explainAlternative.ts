import { DexarError } from "../../core/errors.js";
import { finalLogit } from "../../core/graph/finalLogit.js";
import type { AlternativeGradient, AlternativeRequest } from "../../protocol/modelProcess.js";
import { readRunFile } from "../files/readRunFile.js";
import type { LoadedVlm, TappedVlm } from "../model/loadModel.js";
import type { DecoderStep } from "../session/decoderSession.js";
import { checkToken, decoderOf, runForward } from "./answer.js";
import { orCancelled, throwIfCancelled } from "./cancellation.js";
import { Capture, captureShape, joinBatches } from "./capture.js";
import { chosenToken } from "./chosenToken.js";
import { forceSteps } from "./forceSteps.js";
import type { KeptAnswer } from "./lastAnswer.js";
import type { ModelInputs } from "./prompt.js";
import { checkLogprob, checkModel, samePrompt } from "./sameRun.js";
import { tokenText } from "./tokenText.js";

/**
 * Gradients of another token at one step of a finished run: the run's prompt and its tokens before that step go
 * through the decoder at once, and only the last row is explained.
 * @throws DexarError `wrong-model`, `bad-alternative`, `bad-target`, `run-not-reproducible`, `cancelled`, and those
 * of reading a run file
 */
export async function explainAlternative(
  vlm: LoadedVlm,
  { runPath, index, tokenId }: AlternativeRequest,
  signal: AbortSignal,
): Promise<AlternativeGradient> {
  throwIfCancelled(signal);
  const kept = await vlm.lastAnswer.of(runPath);
  if (kept !== null) return explainKept(vlm, kept, index, tokenId);
  const run = await orCancelled(signal, readRunFile(runPath));
  await checkModel(vlm, run);
  const chosen = run.info.tokens[index];
  if (chosen === undefined) throw badIndex(index, run.info.tokens.length);
  checkToken(vlm, tokenId);
  const [prompt, model] = await orCancelled(signal, Promise.all([samePrompt(vlm, run), vlm.tapped()]));
  const before = run.info.tokens.slice(0, index).map((token) => token.id);
  const { capture, logits } = await captureLastRow({ vlm, model, prompt, signal }, before, tokenId);
  const { tokenizer } = vlm.processor;
  checkLogprob(chosen.logprob, chosenToken(tokenizer, logits, chosen.id).logprob);
  const positions = run.arrays.inputIds.length - 1;
  const { text, logprob } = chosenToken(tokenizer, logits, tokenId);
  const { gradient, gradientReferenceLast } = joinBatches(capture.batches, captureShape(vlm), positions);
  return { tokenId, text, logprob, gradient, gradientReferenceLast };
}

/** The same for the last answer, whose rows and cache are still there: the gradient model alone runs. */
async function explainKept(
  vlm: LoadedVlm,
  { promptLength, rows, normalisers, cache }: KeptAnswer,
  index: number,
  tokenId: number,
): Promise<AlternativeGradient> {
  const [row, normaliser] = [rows[index], normalisers[index]];
  if (row === undefined || normaliser === undefined) throw badIndex(index, rows.length);
  checkToken(vlm, tokenId);
  const shape = captureShape(vlm);
  const { gradient: session } = await vlm.tapped();
  const capture = new Capture(session, { promptLength: promptLength + index, ...shape }, 1);
  capture.addRow(row, cache);
  capture.addTarget(tokenId);
  await capture.explain(true);
  const made = joinBatches(capture.batches, shape, promptLength + rows.length - 1);
  return {
    tokenId,
    text: tokenText(vlm.processor.tokenizer, tokenId),
    logprob: finalLogit(vlm.decoder.structure)(made.lensLogit.at(-1) ?? NaN) - normaliser,
    gradient: made.gradient,
    gradientReferenceLast: made.gradientReferenceLast,
  };
}

interface Place {
  readonly vlm: LoadedVlm;
  readonly model: TappedVlm;
  readonly prompt: ModelInputs;
  readonly signal: AbortSignal;
}

/** Runs the prompt and the answer so far, and explains `target` at the position that predicts the next token. */
async function captureLastRow(
  { vlm, model, prompt, signal }: Place,
  before: readonly number[],
  target: number,
): Promise<{ capture: Capture; logits: Float32Array }> {
  const shape = { promptLength: prompt.ids.length + before.length, ...captureShape(vlm) };
  const capture = new Capture(model.gradient, shape, 1);
  let last: DecoderStep | null = null;
  const decoder = decoderOf(vlm, model);
  decoder.listener = {
    rows: 1,
    beforeStep: async () => throwIfCancelled(signal),
    onStep: (step) => (last = step),
  };
  try {
    await (vlm.family.promptIsCausal === false
      ? forceSteps(model, prompt, [...before, target])
      : runForward(model, prompt, before));
    const { logits } = addLastRow(capture, last);
    capture.addTarget(target);
    await capture.explain(true);
    return { capture, logits };
  } finally {
    decoder.listener = null;
    decoder.freeCache();
  }
}

function addLastRow(capture: Capture, step: DecoderStep | null): DecoderStep {
  if (step === null) throw new Error("the decoder did not run");
  capture.addStep(step, 1);
  return step;
}

function badIndex(index: number, count: number): DexarError {
  return new DexarError(
    "bad-alternative",
    `The run has the tokens 0 to ${count - 1}, not ${index}.`,
    "Choose a token of the answer.",
  );
}
