import { attribute } from "../../core/attribution/attribute.js";
import type { AttributionSettings } from "../../core/attribution/settings.js";
import type { RunToken } from "../../core/run/types.js";
import type { ExplainedEvent, ExplainRequest } from "../../protocol/modelProcess.js";
import type { EmitEvent } from "../engineTypes.js";
import { cachedPositions, cacheOf } from "../session/kvCache.js";
import type { LoadedVlm, TappedVlm } from "../model/loadModel.js";
import { isStop, type AnswerListener } from "./answer.js";
import { Capture, captureShape, type CapturedBatch } from "./capture.js";
import { checkWindow } from "./checkWindow.js";
import { chosenToken } from "./chosenToken.js";
import { pictureKey, type KeptAnswer } from "./lastAnswer.js";
import type { PreparedPrompt } from "./prompt.js";

/** What a recorder follows. */
export interface RecorderTask {
  readonly vlm: LoadedVlm;
  readonly model: TappedVlm;
  readonly prompt: PreparedPrompt;
  readonly request: ExplainRequest;
  readonly settings: AttributionSettings;
  readonly emit: EmitEvent;
  readonly signal: AbortSignal;
}

/** Follows an answer: notes its tokens, has them explained batch by batch, and reports both. */
export class Recorder implements AnswerListener {
  /** Milliseconds spent in the gradient model. */
  gradientTime = 0;
  /** When the first forward pass ended; 0 before. */
  promptDone = 0;
  private readonly tokens: RunToken[] = [];
  private readonly normalisers: number[] = [];
  private readonly capture: Capture;

  constructor(private readonly task: RecorderTask) {
    const { vlm, model, prompt, request, emit } = task;
    this.capture = new Capture(
      model.gradient,
      { promptLength: prompt.ids.length, ...captureShape(vlm) },
      request.captureEvery,
      (batch) => emit(explainedEvent(task, this.tokens, batch)),
    );
  }

  get batches(): CapturedBatch[] {
    return this.capture.batches;
  }

  /** The tokens that have their gradients: all, or after a cancel the first of them. */
  get explained(): readonly RunToken[] {
    return this.tokens.slice(0, this.capture.done);
  }

  /** What the next question about the picture, and other tokens of this answer, need not compute again. */
  keep(): KeptAnswer {
    const { prompt, request } = this.task;
    const cache = cacheOf(this.capture.lastOutputs);
    const ids = [...prompt.ids, ...this.tokens.map((token) => token.id)].slice(0, cachedPositions(cache));
    return {
      ids,
      promptLength: prompt.ids.length,
      picture: pictureKey(prompt, request),
      cache,
      rows: this.capture.rowsDone,
      normalisers: this.normalisers.slice(0, this.capture.done),
    };
  }

  /** Explains what is left at the end of an answer; a cancel stops it between batches. */
  explainRest(): Promise<void> {
    return this.explain(true);
  }

  beforeStep(): Promise<void> {
    return this.explain(false);
  }

  onStep(...step: Parameters<Capture["addStep"]>): void {
    if (this.promptDone === 0) {
      this.promptDone = performance.now();
      this.task.emit({ kind: "stage", stage: "generating", detail: "" });
    }
    this.capture.addStep(...step);
  }

  onToken(id: number, logits: Float32Array): void {
    const { vlm, model, request, emit } = this.task;
    const chosen = chosenToken(vlm.processor.tokenizer, logits, id);
    const kind = request.target ? "forced" : "generated";
    const stop = isStop(model, id);
    emit({ kind: "token", index: this.tokens.length, ...chosen, stop });
    this.tokens.push({ ...chosen, kind, stop });
    this.normalisers.push((logits[id] ?? NaN) - chosen.logprob);
    this.capture.addTarget(id);
  }

  private async explain(all: boolean): Promise<void> {
    const { vlm, prompt, signal } = this.task;
    checkWindow(vlm, prompt.ids.length + this.tokens.length);
    const start = performance.now();
    await this.capture.explain(all, signal);
    this.gradientTime += performance.now() - start;
  }
}

/** The maps of a batch under the run's settings, for whoever watches the answer grow. */
function explainedEvent(
  { vlm, prompt, settings }: RecorderTask,
  tokens: readonly RunToken[],
  batch: CapturedBatch,
): ExplainedEvent {
  const { layers, heads } = captureShape(vlm);
  const { first, count } = batch;
  const made = attribute(
    {
      layers,
      heads,
      gradient: batch.gradient,
      gradientReferenceLast: batch.referenceLast,
      imagePositions: Int32Array.from(prompt.imagePositions),
      promptLength: prompt.ids.length,
      firstToken: first,
      kinds: prompt.tokens.map((token) => token.kind),
      stops: tokens.slice(0, first + count).map((token) => token.stop),
    },
    settings,
  );
  return {
    kind: "explained",
    first,
    count,
    tokenHeatmap: made.tokenHeatmap,
    tokenHeatmapUnfiltered: made.tokenHeatmapUnfiltered,
    tokenWeight: made.tokenWeight,
    scoreImage: made.scoreImage,
    scoreText: made.scoreText,
    headWeight: made.headWeight,
    imageWinner: made.imageWinner,
    textWinner: made.textWinner,
    layerShare: made.layerShare,
    reasons: made.reasons,
  };
}
