import type { NodeProto } from "onnx-buf";
import { tensorDims } from "../../onnx/index.js";
import { intAttribute } from "../attributes.js";
import type { Graph } from "../graph.js";

/** Width in and out of a linear layer (a product with a constant matrix, however it is stored); null for other nodes. */
export function weightWidths(graph: Graph, node: NodeProto): { input: number; output: number } | null {
  if (node.opType === "MatMulNBits" || node.opType === "MatMulBnb4")
    return { input: intAttribute(node, "K", 0), output: intAttribute(node, "N", 0) };
  if (node.opType !== "MatMul" && node.opType !== "Gemm") return null;
  const dims = constantDims(graph, node.input[1] ?? "");
  if (dims?.length !== 2) return null;
  const [input = 0, output = 0] = isTransposed(node) ? dims.toReversed() : dims;
  return { input, output };
}

/** Whether a Gemm reads its weight as [out, in]. */
export function isTransposed(node: NodeProto): boolean {
  return intAttribute(node, "transB", 0) === 1;
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
