import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { env as transformers } from "@huggingface/transformers";
import { throwIfCancelled } from "../runtime/answer/cancellation.js";
import { ORT_VERSION } from "../runtime/session/ortVersion.js";
import { TOOL } from "../runtime/version.js";
import type { StartClient } from "./measure/memoryOfModes.js";
import { measureModel } from "./measureModel.js";
import type { BenchDtype, BenchShape, BenchStyle } from "./model/shapes.js";
import type { BenchReport, ModelReport } from "./report/types.js";

/** What to measure. */
export interface BenchOptions {
  readonly shapes: readonly BenchShape[];
  readonly style: BenchStyle;
  readonly dtypes: readonly BenchDtype[];
  readonly imageTokens: number;
  /** Length of the answer, at least 2. */
  readonly tokens: number;
  readonly seed: number;
  /** Fewer rounds, and growth is left out. */
  readonly short: boolean;
  /** Folder for built models. */
  readonly cache: string;
}

/** What a benchmark needs of its surroundings. */
export interface BenchContext {
  readonly startClient: StartClient;
  readonly signal: AbortSignal;
  /** Told what is being done, a short text each time. */
  readonly onProgress: (doing: string) => void;
}

const ROUNDS = { short: 3, full: 5 };

/**
 * Measures explaining against generating on models with random weights, one shape and weight type after the other.
 * @throws DexarError `cancelled` when the signal aborts
 */
export async function runBench(options: BenchOptions, context: BenchContext): Promise<BenchReport> {
  const before = load();
  const scratch = await mkdtemp(path.join(os.tmpdir(), "dexar-bench-"));
  const { cache, style, imageTokens, tokens, seed, short } = options;
  const models: ModelReport[] = [];
  try {
    for (const shape of options.shapes) {
      for (const dtype of options.dtypes) {
        const model = await measureModel({
          ...context,
          plan: { cache, shape, style, dtype, imageTokens, seed },
          tokens,
          rounds: short ? ROUNDS.short : ROUNDS.full,
          growth: !short,
          scratch,
          onProgress: (doing) => {
            context.onProgress(`${shape.name} ${style} ${dtype}: ${doing}`);
          },
        });
        // A cancelled answer ends early without an error: what was measured of it is worth nothing.
        throwIfCancelled(context.signal);
        models.push(model);
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return { tool: TOOL, time: new Date().toISOString(), machine: machine(before), models };
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
