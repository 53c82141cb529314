import type { NodeProto } from "onnx-buf";
import type { Graph } from "../graph.js";
import { constantDims } from "./linear.js";

/** Operators that a mask of one number stays one under. */
const STILL_UNIFORM = new Set(["Expand", "Unsqueeze", "Reshape", "Cast", "Identity"]);
const SAME_PLACE = new Set(["Cast", "Identity", "Tanh"]);

/**
 * Whether nothing between the scores Q·K and their Softmax hides a position: what is added to them is one number, as in
 * prefix decoders whose mask was exported as zeros. Then there is no sliding window either, whatever a config says.
 */
export function attendsToAll(graph: Graph, softmax: NodeProto): boolean {
  return isUnmasked(graph, softmax.input[0] ?? "");
}

function isUnmasked(graph: Graph, tensor: string): boolean {
  const node = graph.producer(tensor);
  if (!node) return false;
  const [first = "", second = ""] = node.input;
  if (node.opType === "MatMul") return true;
  if (SAME_PLACE.has(node.opType)) return isUnmasked(graph, first);
  if (!["Add", "Mul", "Div"].includes(node.opType)) return false;
  if (isUniform(graph, second)) return isUnmasked(graph, first);
  return isUniform(graph, first) && isUnmasked(graph, second);
}

/** Whether all values of a tensor are the same. */
function isUniform(graph: Graph, tensor: string): boolean {
  const node = graph.producer(tensor);
  if (node?.opType === "ConstantOfShape") return true;
  if (node && STILL_UNIFORM.has(node.opType)) return isUniform(graph, node.input[0] ?? "");
  return graph.isConstant(tensor) && (constantDims(graph, tensor)?.every((size) => size === 1) ?? false);
}
