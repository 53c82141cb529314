import { resolveSettings } from "../../core/attribution/resolveSettings.js";
import type { Run, RunInfo } from "../../core/run/types.js";
import type { ExplainRequest } from "../../protocol/modelProcess.js";
import type { EmitEvent } from "../engineTypes.js";
import type { LoadedVlm } from "../model/loadModel.js";
import { modelHashes } from "../model/modelHashes.js";
import { checkAnswer, decoderOf, runAnswer, type Answer } from "./answer.js";
import { finishRun, startRun } from "./buildRun.js";
import { orCancelled, throwIfCancelled } from "./cancellation.js";
import { captureShape } from "./capture.js";
import { checkWindow } from "./checkWindow.js";
import { preparePrompt, type PreparedPrompt } from "./prompt.js";
import { Recorder, type RecorderTask } from "./recorder.js";

/** Called once picture and prompt are ready; the first token waits for it. */
export type OnPrepared = (start: RunInfo, prompt: PreparedPrompt) => Promise<void>;

/**
 * Generates (or forces) an answer with capture and returns the explained run. Cancelled, the run holds the tokens
 * that are finished (`partial`).
 * @throws DexarError `cancelled` with none finished, and those of picture, prompt and target
 */
export async function explainAnswer(
  vlm: LoadedVlm,
  request: ExplainRequest,
  emit: EmitEvent,
  signal: AbortSignal,
  onPrepared: OnPrepared = () => Promise.resolve(),
): Promise<Run> {
  throwIfCancelled(signal);
  const started = performance.now();
  const { layers, heads } = captureShape(vlm);
  const settings = resolveSettings(request.settings, layers, heads);
  emit({ kind: "stage", stage: "image", detail: request.imagePath });
  // Hashed here, so that a model file that has gone is noticed before the work and not after it.
  const parts = Promise.all([preparePrompt(vlm, request), vlm.tapped(), modelHashes(vlm)]);
  const [prompt, model, files] = await orCancelled(signal, parts);
  checkWindow(vlm, prompt.ids.length);
  const tight = checkAnswer(vlm, prompt, request, request.captureEvery);
  const { notice } = vlm.device;
  const warned = {
    ...prompt,
    warnings: [...prompt.warnings, ...tight, ...(notice === null ? [] : [notice])],
  };
  const start = startRun({ vlm, files, request, prompt: warned, settings });
  await orCancelled(signal, onPrepared(start, prompt));
  const prepared = performance.now();
  emit({ kind: "stage", stage: "prompt", detail: `${prompt.ids.length} tokens` });
  const task = { vlm, model, prompt, request, settings, emit, signal };
  const recorder = new Recorder(task);
  const { finish, ids } = await recordAnswer(task, recorder);
  const ended = performance.now();
  const { explained, batches, gradientTime, promptDone } = recorder;
  const timings = {
    prepare: prepared - started,
    prompt: promptDone - prepared,
    generate: ended - prepared - gradientTime,
    gradient: gradientTime,
    total: ended - started,
  };
  const complete = explained.length === ids.length;
  return finishRun({
    start,
    prompt,
    finish: complete ? finish : "cancelled",
    tokens: explained,
    batches,
    timings,
  });
}

/** Answers while the recorder follows, explains what is left, and keeps what the next question may use. */
async function recordAnswer(task: RecorderTask, recorder: Recorder): Promise<Answer> {
  const { vlm, model, prompt, request, emit } = task;
  const decoder = decoderOf(model);
  try {
    const reused = await vlm.lastAnswer.take(prompt, request);
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
