import type { NodeProto } from "onnx-buf";
import { tensorNumbers, type ModelFolder } from "../onnx/index.js";
import type { Decoder } from "./decoder.js";
import type { Graph } from "./graph.js";

/** The constants between head and logits are single numbers, which lie in the graph itself. */
const NO_FILES: ModelFolder = { open: () => undefined };

/**
 * What a decoder's graph makes of a raw logit, which is what the lens gives: scales and soft caps that stand between
 * the head and `logits`. The same number where nothing does.
 */
export function finalLogit({ graph, head }: Pick<Decoder, "graph" | "head">): (raw: number) => number {
  const steps: ((value: number) => number)[] = [];
  for (let tensor = "logits"; ;) {
    const node = graph.producer(tensor);
    if (!node || node === head.node) break;
    const step = stepOf(graph, node);
    if (step) steps.unshift(step);
    tensor = node.input.find((name) => name !== "" && !graph.isConstant(name)) ?? "";
  }
  return (raw) => steps.reduce((value, step) => step(value), raw);
}

/** Null for operators that leave the value as it is, and for the head's bias, which the lens has already. */
function stepOf(graph: Graph, node: NodeProto): ((value: number) => number) | null {
  if (node.opType === "Tanh") return Math.tanh;
  const at = node.input.findIndex((name) => graph.isConstant(name));
  const constant = graph.initializers.get(node.input[at] ?? "");
  if (!constant || constant.dims.some((size) => size !== 1n)) return null;
  const by = Number(tensorNumbers(NO_FILES, constant).values[0]);
  if (node.opType === "Mul") return (value) => value * by;
  if (node.opType === "Add") return (value) => value + by;
  if (node.opType !== "Div") return null;
  return at === 0 ? (value) => by / value : (value) => value / by;
}
