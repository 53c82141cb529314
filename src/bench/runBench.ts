import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { env as transformers } from "@huggingface/transformers";
import { throwIfCancelled } from "../runtime/answer/cancellation.js";
import { ORT_VERSION } from "../runtime/session/ortVersion.js";
import { TOOL } from "../runtime/version.js";
import type { StartClient } from "./measure/memoryOfModes.js";
import type { TextbookPlan } from "./measure/textbook.js";
import { checkTextbook } from "./measure/textbookPeer.js";
import { measureModel } from "./measureModel.js";
import type { BenchDtype, BenchShape, BenchStyle } from "./model/shapes.js";
import type { BenchReport, ModelReport } from "./report/types.js";

/** A model in one weight type. */
export interface BenchModel {
  readonly shape: BenchShape;
  readonly dtype: BenchDtype;
}

/** What to measure. */
export interface BenchOptions {
  /** One after the other. */
  readonly models: readonly BenchModel[];
  readonly style: BenchStyle;
  readonly imageTokens: number;
  /** Length of the answer, at least 2. */
  readonly tokens: number;
  readonly seed: number;
  /** How often everything is measured. */
  readonly rounds: number;
  /** Whether it is measured how time and memory grow. */
  readonly growth: boolean;
  /** Folder for built models. */
  readonly cache: string;
  /** Where the textbook way in PyTorch is measured too. */
  readonly textbook?: TextbookPlan | undefined;
}

/** What a benchmark needs of its surroundings. */
export interface BenchContext {
  readonly startClient: StartClient;
  readonly signal: AbortSignal;
  /** Told what is being done, a short text each time. */
  readonly onProgress: (doing: string) => void;
}

/**
 * Measures explaining against generating on models with random weights, one shape and weight type after the other.
 * Interrupted, the report holds the models that were finished.
 * @throws DexarError `cancelled` when the signal aborts before any was, `textbook-not-ready`
 */
export async function runBench(options: BenchOptions, context: BenchContext): Promise<BenchReport> {
  if (options.textbook !== undefined) await checkTextbook(options.textbook.peer, context.signal);
  const before = load();
  const scratch = await mkdtemp(path.join(os.tmpdir(), "dexar-bench-"));
  const models: ModelReport[] = [];
  try {
    for (const model of options.models) {
      models.push(await measureOne(options, context, model, scratch));
    }
  } catch (error) {
    if (!context.signal.aborted || models.length === 0) throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  const partial = models.length < options.models.length;
  return { tool: TOOL, time: new Date().toISOString(), machine: machine(before), models, partial };
}

async function measureOne(
  { cache, style, imageTokens, seed, tokens, rounds, growth, textbook }: BenchOptions,
  context: BenchContext,
  { shape, dtype }: BenchModel,
  scratch: string,
): Promise<ModelReport> {
  const plan = { cache, shape, style, dtype, imageTokens, seed };
  const onProgress = (doing: string) => {
    context.onProgress(`${shape.name} ${style} ${dtype}: ${doing}`);
  };
  const model = await measureModel({
    ...context,
    plan,
    tokens,
    rounds,
    growth,
    textbook,
    scratch,
    onProgress,
  });
  // A cancelled answer ends early without an error: what was measured of it is worth nothing.
  throwIfCancelled(context.signal);
  return model;
}

function machine(before: number): BenchReport["machine"] {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? "unknown",
    cores: cpus.length,
    memory: os.totalmem(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    onnxruntime: ORT_VERSION,
    transformers: transformers.version,
    load: [before, load()],
  };
}

function load(): number {
  return os.loadavg()[0] ?? 0;
}
