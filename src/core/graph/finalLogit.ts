import type { NodeProto } from "onnx-buf";
import { DexarError } from "../errors.js";
import { tensorNumbers, type ModelFolder } from "../onnx/index.js";
import type { Decoder } from "./decoder.js";
import type { Graph } from "./graph.js";

/** The constants between head and logits are single numbers, which lie in the graph itself. */
const NO_FILES: ModelFolder = { open: () => undefined };
const SAME_VALUE = new Set(["Cast", "Identity", "Reshape"]);

/** The part of a decoder from its head to its logits. */
type LogitEnd = Pick<Decoder, "graph" | "head">;

/**
 * What a decoder's graph makes of a raw logit, which is what the lens gives: scales and soft caps that stand between
 * the head and `logits`. The same number where nothing does.
 * @throws DexarError `unsupported-op` for a step that is not the same for all tokens, or cannot be read
 */
export function finalLogit(end: LogitEnd): (raw: number) => number {
  const { graph, head } = end;
  const steps: ((value: number) => number)[] = [];
  for (let tensor = "logits"; ;) {
    const node = graph.producer(tensor);
    if (!node || node === head.node) break;
    if (!leavesValue(end, node)) steps.unshift(stepOf(graph, node));
    tensor = node.input.find((name) => name !== "" && !graph.isConstant(name)) ?? "";
  }
  return (raw) => steps.reduce((value, step) => step(value), raw);
}

/** Also true of the head's bias, which the lens has already. */
function leavesValue({ head }: LogitEnd, { opType, input }: NodeProto): boolean {
  return SAME_VALUE.has(opType) || (opType === "Add" && head.bias !== null && input.includes(head.bias));
}

function stepOf(graph: Graph, node: NodeProto): (value: number) => number {
  if (node.opType === "Tanh") return Math.tanh;
  const at = node.input.findIndex((name) => graph.isConstant(name));
  const by = oneNumber(graph, node.input[at] ?? "");
  if (by !== null && node.opType === "Mul") return (value) => value * by;
  if (by !== null && node.opType === "Add") return (value) => value + by;
  if (by !== null && node.opType === "Div") return (value) => (at === 0 ? by / value : value / by);
  throw new DexarError(
    "unsupported-op",
    `What operator ${graph.describe(node)} makes of the logits could not be read: it is no scale, shift or soft cap by one number.`,
    "Report the model so that this form can be added.",
  );
}

/** The number of a constant that is one, in whatever precision; null for any other tensor. */
function oneNumber(graph: Graph, tensor: string): number | null {
  const node = graph.producer(tensor);
  if (node?.opType === "Cast" || node?.opType === "Identity") return oneNumber(graph, node.input[0] ?? "");
  const constant = graph.initializers.get(tensor);
  if (!constant || constant.externalData.length > 0 || constant.dims.some((size) => size !== 1n)) return null;
  return Number(tensorNumbers(NO_FILES, constant).values[0]);
}
