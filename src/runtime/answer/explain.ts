import { resolveSettings } from "../../core/attribution/resolveSettings.js";
import type { Run, RunInfo } from "../../core/run/types.js";
import type { ExplainRequest } from "../../protocol/modelProcess.js";
import type { EmitEvent } from "../engineTypes.js";
import type { LoadedVlm } from "../model/loadModel.js";
import { modelHashes } from "../model/modelHashes.js";
import { checkAnswer, decoderOf, runAnswer, type Answer } from "./answer.js";
import { finishRun, startRun, type FinishedAnswer } from "./buildRun.js";
import { orCancelled, throwIfCancelled } from "./cancellation.js";
import { captureShape } from "./capture.js";
import { checkWindow } from "./checkWindow.js";
import type { ReusedPrefix } from "./lastAnswer.js";
import { readEarlierAnswer, type EarlierAnswer } from "./earlierAnswer.js";
import { preparePrompt, type PreparedPrompt } from "./prompt.js";
import { Recorder, type RecorderTask } from "./recorder.js";

/** What happens while an answer is explained. */
export interface ExplainHooks extends Pick<RecorderTask, "keepBatch"> {
  /** Called once picture and prompt are ready; the first token waits for it. */
  readonly onPrepared?: (start: RunInfo, prompt: PreparedPrompt) => Promise<void>;
}

/**
 * Generates (or forces) an answer with capture and returns the explained run. Cancelled, the run holds the tokens
 * that are finished (`partial`).
 * @throws DexarError `cancelled` with none finished, and those of picture, prompt and target
 */
export async function explainAnswer(...task: Parameters<typeof recordExplanation>): Promise<Run> {
  return finishRun(await recordExplanation(...task));
}

/** The same, its parts not yet put together. @throws those of {@link explainAnswer} */
export async function recordExplanation(
  vlm: LoadedVlm,
  request: ExplainRequest,
  emit: EmitEvent,
  signal: AbortSignal,
  { onPrepared, keepBatch }: ExplainHooks = {},
): Promise<FinishedAnswer> {
  throwIfCancelled(signal);
  const started = performance.now();
  const { layers, heads } = captureShape(vlm);
  const settings = resolveSettings(request.settings, layers, heads);
  emit({ kind: "stage", stage: "image", detail: request.imagePath });
  // Hashed here, so that a model file that has gone is noticed before the work and not after it.
  const parts = Promise.all([prepare(vlm, request), vlm.tapped(), modelHashes(vlm)]);
  const [{ prompt, earlier }, model, files] = await orCancelled(signal, parts);
  checkWindow(vlm, prompt.ids.length);
  const tight = checkAnswer(vlm, prompt, request, {
    captureEvery: request.captureEvery,
    spooled: keepBatch !== undefined,
    earlier,
  });
  const warned = {
    ...prompt,
    warnings: [...prompt.warnings, ...tight, ...vlm.placement.notices],
  };
  const start = startRun({ vlm, model, files, request, prompt: warned, settings, earlier });
  await orCancelled(signal, onPrepared?.(start, prompt) ?? Promise.resolve());
  const prepared = performance.now();
  emit({ kind: "stage", stage: "prompt", detail: `${prompt.ids.length} tokens` });
  const recording = keepBatch === undefined ? {} : { keepBatch };
  const task = { vlm, model, prompt, request, settings, earlier, emit, signal, ...recording };
  const recorder = new Recorder(task);
  const { finish, stopString, ids } = await recordAnswer(task, recorder);
  const ended = performance.now();
  const { explained, batches, attributions, gradientTime, promptDone } = recorder;
  const timings = {
    prepare: prepared - started,
    prompt: promptDone - prepared,
    generate: ended - prepared - gradientTime,
    gradient: gradientTime,
    total: ended - started,
  };
  const complete = explained.length === ids.length;
  return {
    start,
    prompt,
    ...(complete ? { finish, ...(stopString !== undefined && { stopString }) } : { finish: "cancelled" }),
    tokens: explained,
    batches,
    attributions,
    timings,
  };
}

/** Picture and prompt as inputs: the request's own, or those of the run that it goes on from. */
async function prepare(
  vlm: LoadedVlm,
  request: ExplainRequest,
): Promise<{ prompt: PreparedPrompt; earlier: EarlierAnswer | null }> {
  const { continueFrom } = request;
  if (continueFrom === undefined) return { prompt: await preparePrompt(vlm, request), earlier: null };
  const earlier = await readEarlierAnswer(vlm, request, continueFrom);
  return { prompt: earlier.prompt, earlier };
}

/** Answers while the recorder follows, explains what is left, and keeps what the next question may use. */
async function recordAnswer(task: RecorderTask, recorder: Recorder): Promise<Answer> {
  const { vlm, model, emit } = task;
  const decoder = decoderOf(vlm, model);
  try {
    const reused = await reusedPrefix(task);
    const answer = await runAnswer({ ...task, reused, listener: recorder });
    emit({ kind: "stage", stage: "explaining", detail: `${answer.ids.length} tokens` });
    await recorder.explainRest();
    vlm.lastAnswer.keep(recorder.keep());
    decoder.handOver();
    return answer;
  } finally {
    decoder.freeCache();
  }
}

/** What the last answer left that this one may go on from. */
async function reusedPrefix({ vlm, prompt, request }: RecorderTask): Promise<ReusedPrefix | null> {
  // The second half of a merged decoder may take one position at a time.
  const takesMany = vlm.family.promptIsCausal !== false && vlm.decoder.structure.merge === null;
  if (takesMany) return vlm.lastAnswer.take(prompt, request);
  vlm.lastAnswer.clear();
  return null;
}
