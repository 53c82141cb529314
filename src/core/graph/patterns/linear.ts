import type { NodeProto } from "onnx-buf";
import { tensorDims } from "../../onnx/index.js";
import { intAttribute } from "../attributes.js";
import type { Graph } from "../graph.js";

/** Width in and out of a linear layer (MatMul with a constant, or MatMulNBits); null for any other node. */
export function weightWidths(graph: Graph, node: NodeProto): { input: number; output: number } | null {
  if (node.opType === "MatMulNBits")
    return { input: intAttribute(node, "K", 0), output: intAttribute(node, "N", 0) };
  if (node.opType !== "MatMul") return null;
  const weight = node.input[1] ?? "";
  const dims = constantDims(graph, weight);
  return dims?.length === 2 ? { input: dims[0] as number, output: dims[1] as number } : null;
}

/** Shape of a constant matrix: an initializer, or its transpose or dequantisation. */
export function constantDims(graph: Graph, tensor: string): number[] | null {
  const initializer = graph.initializers.get(tensor);
  if (initializer) return tensorDims(initializer);
  const node = graph.producer(tensor);
  if (!node || !graph.isConstant(tensor)) return null;
  const dims = constantDims(graph, node.input[0] ?? "");
  if (node.opType === "Transpose") return dims?.toReversed() ?? null;
  return ["Cast", "Identity", "DequantizeLinear"].includes(node.opType) ? dims : null;
}
