import { DexarError } from "../../core/errors.js";
import type { Run } from "../../core/run/types.js";
import type { AlternativeGradient, AlternativeRequest } from "../../protocol/modelProcess.js";
import { readRunFile } from "../files/readRunFile.js";
import { decodePicture } from "../image/picture.js";
import type { LoadedVlm, TappedVlm } from "../model/loadModel.js";
import { modelHashes } from "../model/modelHashes.js";
import { checkToken, decoderOf, runForward } from "./answer.js";
import { orCancelled, throwIfCancelled } from "./cancellation.js";
import { Capture, captureShape, joinBatches } from "./capture.js";
import { chosenToken } from "./chosenToken.js";
import type { KeptAnswer } from "./lastAnswer.js";
import { modelInputs, type ModelInputs } from "./prompt.js";
import { tokenText } from "./tokenText.js";

/** Natural-log difference that batched and half-precision arithmetic can make of a logprob. */
const LOGPROB_TOLERANCE = 0.05;

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
  const capture = new Capture(session, { promptLength: promptLength + index, ...shape }, 1, () => undefined);
  capture.addRow(row, cache);
  capture.addTarget(tokenId);
  await capture.explain(true);
  const made = joinBatches(capture.batches, shape, promptLength + rows.length - 1);
  return {
    tokenId,
    text: tokenText(vlm.processor.tokenizer, tokenId),
    logprob: (made.lensLogit.at(-1) ?? NaN) - normaliser,
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
  const capture = new Capture(model.gradient, shape, 1, () => undefined);
  let logits: Float32Array = new Float32Array();
  const decoder = decoderOf(model);
  decoder.listener = {
    rows: 1,
    beforeStep: async () => throwIfCancelled(signal),
    onStep: (step) => {
      logits = step.logits;
      capture.addStep(step, 1);
    },
  };
  try {
    await runForward(model, prompt, before);
    capture.addTarget(target);
    await capture.explain(true);
  } finally {
    decoder.listener = null;
    decoder.freeCache();
  }
  return { capture, logits };
}

/** The run's own prompt and picture as inputs again; the ids must come out as they were. */
async function samePrompt(vlm: LoadedVlm, run: Run): Promise<ModelInputs> {
  const { info, arrays } = run;
  const prompt = await modelInputs(vlm, {
    picture: await decodePicture(run.image, info.image.name),
    rendered: info.prompt.rendered,
    resize: "pil",
    pixelValuesPath: null,
  });
  const expected = arrays.inputIds.subarray(0, info.prompt.tokens.length);
  if (prompt.ids.length === expected.length && prompt.ids.every((id, at) => id === expected[at]))
    return prompt;
  throw notReproducible("the prompt gives other token ids now than it gave in the run");
}

/** Equal ids are not enough: pixel values may have come from a file, or from another resize. */
function checkLogprob(then: number, now: number): void {
  if (Math.abs(then - now) <= LOGPROB_TOLERANCE) return;
  throw notReproducible(
    `the run's own token has the log-probability ${now.toFixed(3)} now and had ${then.toFixed(3)}`,
  );
}

/** The run's model must be the one that is loaded: same files, same dtype. */
async function checkModel(vlm: LoadedVlm, { info }: Run): Promise<void> {
  const { name, dtype, files } = info.model;
  const loaded = await modelHashes(vlm);
  const here = vlm.dtypes.decoder_model_merged;
  const has = (sha256: string) => loaded.some((file) => file.sha256 === sha256);
  if (dtype === here && files.length > 0 && files.every((file) => has(file.sha256))) return;
  const why = name === vlm.name && dtype === here ? ", with other files" : "";
  throw new DexarError(
    "wrong-model",
    `The run was made with ${name} (${dtype}), but ${vlm.name} (${here}) is loaded${why}.`,
    `Load ${name} (${dtype}) and ask again.`,
  );
}

function badIndex(index: number, count: number): DexarError {
  return new DexarError(
    "bad-alternative",
    `The run has the tokens 0 to ${count - 1}, not ${index}.`,
    "Choose a token of the answer.",
  );
}

function notReproducible(why: string): DexarError {
  return new DexarError(
    "run-not-reproducible",
    `The run cannot be continued: ${why}.`,
    "Explain the picture again with the model that is loaded, then ask about another token of that run.",
  );
}
