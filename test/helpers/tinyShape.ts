import { buildModel, type ModelPlan } from "../../src/bench/model/buildModel.js";
import type { BenchShape } from "../../src/bench/model/shapes.js";
import type { BenchOptions } from "../../src/bench/runBench.js";
import { neverAborted } from "./explainRequest.js";

/** A decoder shape that is built and run in no time. */
export const TINY: BenchShape = {
  name: "tiny",
  layers: 2,
  hidden: 64,
  heads: 4,
  kvHeads: 2,
  headSize: 16,
  mlp: 96,
  vocabulary: 200,
  qkvBias: true,
};

/** The folder of a model of that shape, fused and of seed 1 where nothing else is said; built where it is missing. */
export function buildTiny(
  plan: Pick<ModelPlan, "cache" | "dtype" | "imageTokens"> & Partial<ModelPlan>,
): Promise<string> {
  const whole = { shape: TINY, style: "fused", seed: 1, ...plan } as const;
  return buildModel(whole, { signal: neverAborted, onProgress: () => undefined });
}

/** The shortest run of the benchmark. */
export const TINY_RUN: Omit<BenchOptions, "cache"> = {
  models: [{ shape: TINY, dtype: "fp32" }],
  style: "fused",
  imageTokens: 24,
  tokens: 2,
  seed: 1,
  rounds: 1,
  growth: false,
};
