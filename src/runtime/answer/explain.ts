import { attribute } from "../../core/attribution/attribute.js";
import { resolveSettings } from "../../core/attribution/resolveSettings.js";
import type { AttributionSettings } from "../../core/attribution/settings.js";
import { DexarError } from "../../core/errors.js";
import type { Run, RunToken } from "../../core/run/types.js";
import type { ExplainedEvent, ExplainRequest } from "../../protocol/modelProcess.js";
import type { EmitEvent } from "../engineTypes.js";
import type { LoadedVlm, TappedVlm } from "../model/loadModel.js";
import { isStop, runAnswer } from "./answer.js";
import { buildRun } from "./buildRun.js";
import { Capture, captureShape, type CapturedBatch } from "./capture.js";
import { chosenToken } from "./chosenToken.js";
import { preparePrompt, type PreparedPrompt } from "./prompt.js";

/** Generates (or forces) an answer with capture and returns the explained run. */
export async function explainAnswer(
  vlm: LoadedVlm,
  request: ExplainRequest,
  emit: EmitEvent,
  signal: AbortSignal,
): Promise<Run> {
  if (signal.aborted) throw cancelled();
  const started = performance.now();
  const { layers, heads } = captureShape(vlm);
  const settings = resolveSettings(request.settings, layers, heads);
  emit({ kind: "stage", stage: "image", detail: request.imagePath });
  const [prompt, model] = await Promise.all([preparePrompt(vlm, request), vlm.tapped()]);
  checkWindow(vlm, prompt.ids.length);
  const prepared = performance.now();
  emit({ kind: "stage", stage: "prompt", detail: `${prompt.ids.length} tokens` });
  const recorder = new Recorder(vlm, model, prompt, request, settings, emit);
  const answer = await runAnswer({ vlm, model, prompt, request, listener: recorder, signal });
  await recorder.explain(true);
  const ended = performance.now();
  const { tokens, batches, gradientTime, promptDone } = recorder;
  emit({ kind: "stage", stage: "done", detail: `${tokens.length} tokens` });
  const timings = {
    prepare: prepared - started,
    prompt: promptDone - prepared,
    generate: ended - prepared - gradientTime,
    gradient: gradientTime,
    total: ended - started,
  };
  return buildRun({ vlm, request, prompt, answer, tokens, batches, settings, timings });
}

/** Follows an answer: notes its tokens, has them explained batch by batch, and reports both. */
class Recorder {
  readonly tokens: RunToken[] = [];
  /** Milliseconds spent in the gradient model. */
  gradientTime = 0;
  /** When the first forward pass ended. */
  promptDone = 0;
  private readonly capture: Capture;
  private readonly promptLength: number;

  constructor(
    private readonly vlm: LoadedVlm,
    private readonly model: TappedVlm,
    prompt: PreparedPrompt,
    private readonly request: ExplainRequest,
    settings: AttributionSettings,
    private readonly emit: EmitEvent,
  ) {
    this.promptLength = prompt.ids.length;
    this.capture = new Capture(
      model.gradient,
      { promptLength: prompt.ids.length, ...captureShape(vlm) },
      request.captureEvery,
      (batch) => {
        emit(explainedEvent(vlm, prompt, this.tokens, batch, settings));
      },
    );
  }

  get batches(): readonly CapturedBatch[] {
    return this.capture.batches;
  }

  async explain(all: boolean): Promise<void> {
    checkWindow(this.vlm, this.promptLength + this.tokens.length);
    const start = performance.now();
    await this.capture.explain(all);
    this.gradientTime += performance.now() - start;
  }

  beforeStep(): Promise<void> {
    return this.explain(false);
  }

  onStep(...step: Parameters<Capture["addStep"]>): void {
    this.promptDone ||= performance.now();
    this.capture.addStep(...step);
  }

  onToken(id: number, logits: Float32Array): void {
    const chosen = chosenToken(this.vlm.processor.tokenizer, logits, id);
    const kind = this.request.target ? "forced" : "generated";
    this.emit({ kind: "token", index: this.tokens.length, ...chosen });
    this.tokens.push({ ...chosen, kind, stop: isStop(this.model, id) });
    this.capture.addTarget(id);
  }
}

/** The maps of a batch under the run's settings, for whoever watches the answer grow. */
function explainedEvent(
  vlm: LoadedVlm,
  prompt: PreparedPrompt,
  tokens: readonly RunToken[],
  batch: CapturedBatch,
  settings: AttributionSettings,
): ExplainedEvent {
  const { layers, heads } = captureShape(vlm);
  const { first, count } = batch;
  const {
    sequenceHeatmap: _,
    sequenceHeatmapUnfiltered: __,
    ...perToken
  } = attribute(
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
  return { kind: "explained", first, count, ...perToken };
}

/**
 * A fused attention operator says how far it looks back. Plain operators do not, so a window that the config names
 * and the text outgrows is refused: positions outside it would get gradients they must not have.
 */
function checkWindow(vlm: LoadedVlm, positions: number): void {
  const text = vlm.configs.config["text_config"] as { sliding_window?: unknown } | undefined;
  const window = text?.sliding_window;
  if (vlm.decoder.structure.style !== "decomposed" || typeof window !== "number" || positions <= window)
    return;
  throw new DexarError(
    "unsupported-window",
    `The decoder attends to ${window} positions (sliding_window), and prompt and answer take ${positions}; in a graph of plain operators the window is not recognised yet.`,
    `Keep prompt and answer within ${window} positions, or use an export with GroupQueryAttention.`,
  );
}

function cancelled(): DexarError {
  return new DexarError(
    "cancelled",
    "The explanation was cancelled before its first token.",
    "Run it again.",
  );
}
