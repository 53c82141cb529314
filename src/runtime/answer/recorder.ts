import type { AttributionSettings } from "../../core/attribution/settings.js";
import type { TokenAttribution } from "../../core/attribution/tokenAttribution.js";
import type { RunToken } from "../../core/run/types.js";
import type { ExplainRequest } from "../../protocol/modelProcess.js";
import type { EmitEvent } from "../engineTypes.js";
import { cachedPositions, cacheOf } from "../session/kvCache.js";
import type { LoadedVlm, TappedVlm } from "../model/loadModel.js";
import type { AnswerListener } from "./answer.js";
import { Capture, captureShape, type CapturedBatch } from "./capture.js";
import { checkWindow } from "./checkWindow.js";
import { isStop } from "./choosing/chooseAnswer.js";
import { chosenToken } from "./chosenToken.js";
import type { EarlierAnswer } from "./earlierAnswer.js";
import { explainBatch, explainedEvent } from "./explainBatch.js";
import { pictureKey, type KeptAnswer } from "./lastAnswer.js";
import type { PreparedPrompt } from "./prompt.js";
import { checkLogprob } from "./sameRun.js";

/** What a recorder follows. */
export interface RecorderTask {
  readonly vlm: LoadedVlm;
  readonly model: TappedVlm;
  readonly prompt: PreparedPrompt;
  readonly request: ExplainRequest;
  readonly settings: AttributionSettings;
  /** The answer that this one goes on from. */
  readonly earlier: EarlierAnswer | null;
  readonly emit: EmitEvent;
  readonly signal: AbortSignal;
  /** Puts a batch's gradients where they are to stay; in memory when absent. */
  readonly keepBatch?: (batch: CapturedBatch) => CapturedBatch;
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
  /** What the run's settings make of each batch. */
  readonly attributions: TokenAttribution[] = [];

  constructor(private readonly task: RecorderTask) {
    const { vlm, model, prompt, request } = task;
    this.capture = new Capture(
      model.gradient,
      { promptLength: prompt.ids.length, ...captureShape(vlm) },
      request.captureEvery,
      (batch) => this.takeBatch(batch),
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
    const { vlm, model, request, emit, earlier } = this.task;
    const chosen = chosenToken(vlm.processor.tokenizer, logits, id);
    const before = earlier?.tokens[this.tokens.length];
    if (before) checkLogprob(before.logprob, chosen.logprob);
    const kind = before?.kind ?? (request.target ? "forced" : "generated");
    const stop = isStop(model, id);
    emit({ kind: "token", index: this.tokens.length, ...chosen, stop });
    this.tokens.push({ ...chosen, kind, stop });
    this.normalisers.push((logits[id] ?? NaN) - chosen.logprob);
    this.capture.addTarget(id);
  }

  private takeBatch(batch: CapturedBatch): CapturedBatch {
    const { task } = this;
    const tokens = explainBatch(task, this.tokens, batch);
    this.attributions.push(tokens);
    task.emit(explainedEvent(task, batch, tokens));
    return task.keepBatch?.(batch) ?? batch;
  }

  private async explain(all: boolean): Promise<void> {
    const { vlm, prompt, signal } = this.task;
    checkWindow(vlm, prompt.ids.length + this.tokens.length);
    const start = performance.now();
    await this.capture.explain(all, signal);
    this.gradientTime += performance.now() - start;
  }
}
