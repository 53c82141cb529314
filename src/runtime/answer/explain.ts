import { attribute } from "../../core/attribution/attribute.js";
import { resolveSettings } from "../../core/attribution/resolveSettings.js";
import { DexarError } from "../../core/errors.js";
import type { Alternative, Run, RunToken } from "../../core/run/types.js";
import type { ExplainRequest } from "../../protocol/modelProcess.js";
import type { EmitEvent } from "../engineTypes.js";
import type { LoadedVlm } from "../model/loadModel.js";
import { isStop, runAnswer, type Answer } from "./answer.js";
import { buildRun } from "./buildRun.js";
import { Capture, type CapturedBatch } from "./capture.js";
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
  const layers = vlm.decoder.structure.layers;
  const heads = layers[0]?.attention.heads ?? 0;
  const settings = resolveSettings(request.settings, layers.length, heads);
  emit({ kind: "stage", stage: "image", detail: request.imagePath });
  const [prompt, model] = await Promise.all([preparePrompt(vlm, request), vlm.tapped()]);
  const prepared = performance.now();
  const tokens: RunToken[] = [];
  let gradientTime = 0;
  const capture = new Capture(
    model.explain.gradient,
    { promptLength: prompt.ids.length, heads, windows: layers.map((l) => l.attention.window) },
    request.captureEvery,
    (batch) => emit(explainedEvent(prompt, tokens, batch, layers.length, heads, settings)),
  );
  const explain = async (all: boolean) => {
    const start = performance.now();
    await capture.explain(all);
    gradientTime += performance.now() - start;
  };
  let promptTime = 0;
  emit({ kind: "stage", stage: "prompt", detail: `${prompt.ids.length} tokens` });
  const answer = await runAnswer(
    vlm,
    model,
    prompt,
    request,
    {
      beforeStep: () => explain(false),
      onStep: (step, rows) => {
        if (promptTime === 0) promptTime = performance.now() - prepared;
        capture.addStep(step, rows);
      },
      onToken: (id, logits) => {
        const chosen = chosenToken(vlm.processor.tokenizer, logits, id);
        const kind = request.target ? "forced" : "generated";
        emit({ kind: "token", index: tokens.length, ...chosen });
        tokens.push({ ...chosen, kind, stop: isStop(model, id) });
        capture.addTarget(id);
      },
    },
    signal,
  );
  const generated = performance.now() - gradientTime;
  await explain(true);
  emit({ kind: "stage", stage: "done", detail: `${tokens.length} tokens` });
  const timings = {
    prepare: prepared - started,
    prompt: promptTime,
    generate: generated - prepared,
    gradient: gradientTime,
    total: performance.now() - started,
  };
  return buildRun({ vlm, request, prompt, answer, tokens, batches: capture.batches, settings, timings });
}

/** Everything a run is made of. */
export interface FinishedAnswer {
  readonly vlm: LoadedVlm;
  readonly request: ExplainRequest;
  readonly prompt: PreparedPrompt;
  readonly answer: Answer;
  readonly tokens: readonly (RunToken & Alternative)[];
  readonly batches: readonly CapturedBatch[];
  readonly settings: ReturnType<typeof resolveSettings>;
  readonly timings: Readonly<Record<string, number>>;
}

function explainedEvent(
  prompt: PreparedPrompt,
  tokens: readonly RunToken[],
  batch: CapturedBatch,
  layers: number,
  heads: number,
  settings: ReturnType<typeof resolveSettings>,
) {
  const { tokenHeatmap, tokenWeight } = attribute(
    {
      layers,
      heads,
      gradient: batch.gradient,
      gradientReferenceLast: batch.referenceLast,
      imagePositions: Int32Array.from(prompt.imagePositions),
      promptLength: prompt.ids.length,
      firstToken: batch.first,
      kinds: prompt.tokens.map((token) => token.kind),
      stops: tokens.slice(0, batch.first + batch.count).map((token) => token.stop),
    },
    settings,
  );
  return { kind: "explained", first: batch.first, count: batch.count, tokenHeatmap, tokenWeight } as const;
}

function cancelled(): DexarError {
  return new DexarError(
    "cancelled",
    "The explanation was cancelled before its first token.",
    "Run it again.",
  );
}
