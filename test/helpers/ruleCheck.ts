import { Constants } from "../../src/core/autodiff/constants.js";
import { differentiate } from "../../src/core/autodiff/differentiate.js";
import { Emitter } from "../../src/core/autodiff/emitter.js";
import { RowProgram } from "../../src/core/autodiff/rowProgram.js";
import { ROWS } from "../../src/core/autodiff/rule.js";
import { canonicalize } from "../../src/core/graph/canonicalize.js";
import { Graph } from "../../src/core/graph/graph.js";
import {
  create,
  DataType,
  GraphProtoSchema,
  makeTensor,
  type GraphProto,
} from "../../src/core/onnx/index.js";
import type { GraphBuilder } from "./graphBuilder.js";
import { runGraph } from "./interpreter/interpreter.js";
import { tensor, type Tensor } from "./interpreter/tensor.js";
import { memoryFolder } from "./memoryFolder.js";
import { seededRandom } from "./randomAttributionInput.js";

/** Names of the ends of a graph under test. */
export const START = "x";
export const END = "y";
const SEED = "seed";

/** Writes constants of formulas in float64, so that rounding them does not hide an error of a rule. */
class ExactEmitter extends Emitter {
  override scalar(value: number): string {
    return this.tensor(makeTensor(`exact/${value}`, DataType.DOUBLE, [], [value]));
  }
}

/** The emitted backward graph of the builder's graph from {@link START} of `width` values a row to {@link END}. */
export function backward(
  builder: GraphBuilder,
  width: number,
  device: Emitter["device"] = "cpu",
): { gradient: string; emit: Emitter; graph: GraphProto } {
  const graph = new Graph(canonicalize(builder.model()));
  const emit = new ExactEmitter(device);
  const constants = new Constants(graph, memoryFolder({}), emit);
  const span = { start: START, end: END, startShape: [1, ROWS, width], place: "layer 7" };
  const program = new RowProgram({ graph, emit, constants }, span, (name) => (name === START ? START : null));
  const gradient = differentiate(program, SEED);
  const initializer = [...emit.initializers.values()];
  return { gradient, emit, graph: create(GraphProtoSchema, { node: emit.nodes, initializer }) };
}

/** The vector-Jacobian product at `x` for the gradient `seed` of the end, by the rules. */
export function ruleGradient(
  builder: GraphBuilder,
  x: Tensor,
  seed: Tensor,
  device?: Emitter["device"],
): Tensor {
  const { gradient, graph } = backward(builder, x.dims.at(-1) ?? 1, device);
  return runGraph(graph, { [START]: x, [SEED]: seed })(gradient);
}

/** The same by central differences of the original graph in float64. */
export function differenceGradient(builder: GraphBuilder, x: Tensor, seed: Tensor, step = 2e-5): Tensor {
  const result = (data: Float64Array): number => {
    const end = runGraph(builder.graph, { [START]: { dims: x.dims, data } })(END);
    return end.data.reduce((sum, value, i) => sum + value * (seed.data[i] ?? 0), 0);
  };
  const slopes = x.data.map(
    (value, i) => (result(x.data.with(i, value + step)) - result(x.data.with(i, value - step))) / (2 * step),
  );
  return { dims: x.dims, data: slopes };
}

/** Random numbers between `low` and `high`. */
export function randomTensor(dims: readonly number[], seed: number, low = -1.5, high = 1.5): Tensor {
  const random = seededRandom(seed);
  const count = dims.reduce((a, b) => a * b, 1);
  return tensor(
    dims,
    Array.from({ length: count }, () => low + (high - low) * random()),
  );
}

/** Largest difference of rule and central differences, relative to the largest slope. */
export function ruleError(builder: GraphBuilder, x: Tensor, device?: Emitter["device"]): number {
  const { dims } = runGraph(builder.graph, { [START]: x })(END);
  const seed = randomTensor(dims, 99);
  const [byRule, byDifference] = [
    ruleGradient(builder, x, seed, device),
    differenceGradient(builder, x, seed),
  ];
  if (byRule.dims.join() !== byDifference.dims.join())
    throw new RangeError(`gradient [${byRule.dims}] of [${x.dims}]`);
  const scale = byDifference.data.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-12);
  return byRule.data.reduce(
    (most, v, i) => Math.max(most, Math.abs(v - (byDifference.data[i] ?? 0)) / scale),
    0,
  );
}
