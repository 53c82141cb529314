import type { BenchShape } from "../../src/bench/model/shapes.js";

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
