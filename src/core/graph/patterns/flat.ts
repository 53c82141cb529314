import { intAttribute } from "../attributes.js";
import type { Graph } from "../graph.js";

/** Operators that give a tensor of another rank than their first input has, or none at all. */
const RESHAPING = new Set(["Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose", "Gather"]);

/**
 * Whether a tensor of the forward pass has its rows on the first of two axes, [S, width] in place of [1, S, width]:
 * what exporters write around a Gemm.
 * @param known what was found of other tensors: in a residual stream there are more paths back than tensors
 */
export function isFlat(graph: Graph, tensor: string, known = new Map<string, boolean>()): boolean {
  const flat = known.get(tensor) ?? comesOutFlat(graph, tensor, known);
  known.set(tensor, flat);
  return flat;
}

function comesOutFlat(graph: Graph, tensor: string, known: Map<string, boolean>): boolean {
  const node = graph.producer(tensor);
  if (!node) return false;
  if (node.opType === "Gemm") return true;
  if (node.opType === "Reshape") return shapeLength(graph, node.input[1] ?? "") === 2;
  if (node.opType === "Flatten") return intAttribute(node, "axis", 1) === 2;
  if (RESHAPING.has(node.opType)) return false;
  const activations = node.input.filter((name) => name && !graph.isConstant(name));
  return activations.length > 0 && activations.every((name) => isFlat(graph, name, known));
}

/** How many axes a shape tensor has; null where the graph does not say. */
function shapeLength(graph: Graph, shape: string): number | null {
  const constant = graph.initializers.get(shape);
  if (constant) return Number(constant.dims[0] ?? 0n);
  const node = graph.producer(shape);
  return node?.opType === "Concat" ? node.input.length : null;
}
