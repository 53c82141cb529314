import type { GraphProto, NodeProto, TensorProto } from "../../../src/core/onnx/index.js";
import { tensorNumbers } from "../../../src/core/onnx/index.js";
import { memoryFolder } from "../memoryFolder.js";
import { elementwise } from "./elementwise.js";
import { layout } from "./layout.js";
import { matrix } from "./matrix.js";
import { Call, type Operator } from "./operator.js";
import { reductions } from "./reductions.js";
import type { Tensor } from "./tensor.js";

/** Every operator the interpreter knows, by name (`ai.onnx`) or `domain:name`. */
export const operators: Readonly<Record<string, Operator>> = {
  ...elementwise,
  ...reductions,
  ...matrix,
  ...layout,
};

/** Tensors by name. */
export type Values = ReadonlyMap<string, Tensor>;

/**
 * Runs a graph in float64, node by node, the slow and plain way: a reference for tests. A tensor in `feeds` wins
 * over the node that would write it, so any tensor inside the graph can be set. A node is skipped when an input
 * of it has no value; asking for a value that was not computed throws.
 */
export function runGraph(
  graph: GraphProto,
  feeds: Readonly<Record<string, Tensor>>,
): (name: string) => Tensor {
  const values = new Map<string, Tensor>(graph.initializer.map((proto) => [proto.name, readTensor(proto)]));
  for (const [name, value] of Object.entries(feeds)) values.set(name, value);
  for (const node of graph.node) {
    if (node.input.some((name) => name && !values.has(name))) continue;
    if (node.output.every((name) => !name || name in feeds)) continue;
    runNode(node, values).forEach((result, i) => {
      const name = node.output[i];
      if (name && !(name in feeds)) values.set(name, result);
    });
  }
  return (name) => {
    const value = values.get(name);
    if (!value) throw new RangeError(`"${name}" was not computed`);
    return value;
  };
}

function runNode(node: NodeProto, values: Values): readonly Tensor[] {
  if (node.opType === "Constant") return [readConstant(node)];
  const inDefaultDomain = node.domain === "" || node.domain === "ai.onnx";
  const operator = operators[inDefaultDomain ? node.opType : `${node.domain}:${node.opType}`];
  // A black box (an attention operator) is fine as long as its outputs are fed or not asked for.
  if (!operator) return [];
  const inputs = node.input.map((name) => (name ? values.get(name) : undefined));
  const result = operator(new Call(node, inputs));
  return "dims" in result ? [result] : result;
}

function readConstant(node: NodeProto): Tensor {
  const value = node.attribute.find((a) => a.name === "value")?.t;
  if (!value) throw new RangeError(`Constant ${node.name} without a tensor`);
  return readTensor(value);
}

/** The numbers of an initializer. */
export function readTensor(proto: TensorProto): Tensor {
  const { dims, values } = tensorNumbers(memoryFolder({}), proto);
  return { dims, data: values };
}
