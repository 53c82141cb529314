import type { GraphProto, NodeProto, ValueInfoProto } from "onnx-buf";
import { DexarError } from "../../errors.js";
import { intAttribute } from "../attributes.js";
import type { Graph } from "../graph.js";
import { attendsToAll } from "./attendsToAll.js";
import { weightWidths } from "./linear.js";
import { cacheShape, traceValue } from "./valueCache.js";

/** One attention block, found by structure. */
export interface Attention {
  /** How the block is written: one fused operator, or plain operators around a Softmax. */
  readonly style: "fused" | "decomposed";
  /** Name of the attention operator (fused) or of its Softmax, for messages. */
  readonly node: string;
  /** z: the heads' outputs before the output projection, [1, S, heads * headSize]. */
  readonly output: string;
  /**
   * Graph output with the value cache, [1, kvHeads, P, headSize]; an input where the graph only reads it (the values
   * of an encoder, after the first step).
   */
  readonly value: string;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  /** Sliding window: how many positions, its own included, a position attends to; null: all. */
  readonly window: number | null;
  /** Whether the graph itself says so; else a window would be hidden in the mask that attention is given. */
  readonly saysWindow: boolean;
}

/** All attention blocks of a decoder in order of execution; throws for an attention it cannot read. */
export function findAttentions(graph: Graph, proto: GraphProto): Attention[] {
  const caches = [...proto.output, ...proto.input];
  return graph.nodes.flatMap((node) => {
    const block = readAttention(graph, node, caches);
    if (block && (block.heads < 1 || block.heads % block.kvHeads !== 0)) {
      throw unreadable(node, `${block.heads} heads cannot share ${block.kvHeads} value heads`);
    }
    return block ?? [];
  });
}

function readAttention(graph: Graph, node: NodeProto, caches: readonly ValueInfoProto[]): Attention | null {
  if (node.opType === "GroupQueryAttention") return fused(node, caches);
  if (isPlainAttention(node)) return plainAttention(graph, node, caches);
  if (node.opType === "Softmax") return decomposed(graph, node, caches);
  if (node.opType.endsWith("Attention")) throw unsupportedAttention(graph, node);
  return null;
}

function fused(node: NodeProto, caches: readonly ValueInfoProto[]): Attention {
  const value = node.output[2] ?? "";
  const window = intAttribute(node, "local_window_size", -1);
  return {
    style: "fused",
    node: node.name,
    output: node.output[0] ?? "",
    value,
    heads: intAttribute(node, "num_heads", 0),
    ...cacheShape(node, value, caches),
    window: window > 0 ? window : null,
    saysWindow: true,
  };
}

/** ONNX's own Attention (opset 23 on) and ONNX Runtime's MultiHeadAttention; not the latter's older Attention. */
function isPlainAttention({ opType, domain }: NodeProto): boolean {
  return (
    opType === "MultiHeadAttention" || (opType === "Attention" && (domain === "" || domain === "ai.onnx"))
  );
}

/** softmax(Q K) V in one operator that may keep the cache itself or be given keys and values of all positions. */
function plainAttention(graph: Graph, node: NodeProto, caches: readonly ValueInfoProto[]): Attention {
  const own = node.output[2];
  const value = own && graph.outputs.has(own) ? own : traceValue(graph, node.input[2] ?? "");
  if (!value) throw unreadable(node, "its values do not lead back to a cache among the outputs");
  const cache = cacheShape(node, value, caches);
  return {
    ...{ style: "fused", node: node.name, value, ...cache, window: null, saysWindow: false },
    ...projectedHeads(graph, node, node.output[0] ?? "", cache.headSize),
  };
}

/** softmax(…) V with V from the cache; null for a Softmax that weighs no values (a router of experts). */
function decomposed(graph: Graph, softmax: NodeProto, caches: readonly ValueInfoProto[]): Attention | null {
  const probabilities = followForward(graph, softmax.output[0] ?? "", ["Cast", "Identity"]);
  const weights = followForward(graph, withoutNaN(graph, probabilities), ["Cast", "Identity"]);
  const product = graph.consumers(weights).find((n) => n.opType === "MatMul" && n.input[0] === weights);
  const values = product?.input[1] ?? "";
  if (!product || graph.isConstant(values)) return null;
  const value = traceValue(graph, values);
  if (!value) throw unreadable(softmax, "its values do not lead back to a cache among the outputs");
  const cache = cacheShape(softmax, value, caches);
  return {
    ...{ style: "decomposed", node: softmax.name, value, ...cache, window: null },
    saysWindow: attendsToAll(graph, softmax),
    ...projectedHeads(graph, softmax, product.output[0] ?? "", cache.headSize),
  };
}

/** From A·V on to the output projection: what that reads, and how many heads there are in it. */
function projectedHeads(
  graph: Graph,
  node: NodeProto,
  product: string,
  headSize: number,
): Pick<Attention, "output" | "heads"> {
  const output = followForward(graph, product, ["Transpose", "Reshape", "Cast", "Identity"]);
  const projections = graph.consumers(output).map((n) => weightWidths(graph, n));
  const width = projections.find((widths) => widths !== null)?.input;
  if (width !== undefined && width % headSize === 0) return { output, heads: width / headSize };
  throw unreadable(node, "no output projection with a constant weight of matching width follows it");
}

/** Exporters put 0 in place of the NaN that a row gives whose mask hides everything: Where(IsNaN(A), 0, A). */
function withoutNaN(graph: Graph, tensor: string): string {
  const [isNaN, where, ...others] = graph.consumers(tensor);
  const isPattern = isNaN?.opType === "IsNaN" && where?.opType === "Where" && others.length === 0;
  const [condition, , otherwise] = where?.input ?? [];
  if (!isPattern || condition !== isNaN.output[0] || otherwise !== tensor) return tensor;
  return where.output[0] ?? tensor;
}

/** Walks on while the tensor has one reader and that reader is one of `ops`. */
function followForward(graph: Graph, tensor: string, ops: readonly string[]): string {
  const readers = graph.consumers(tensor).filter((n) => n.opType !== "Shape");
  const [only] = readers;
  if (readers.length !== 1 || !only || !ops.includes(only.opType) || only.input[0] !== tensor) return tensor;
  return followForward(graph, only.output[0] ?? "", ops);
}

function unreadable(node: NodeProto, why: string): DexarError {
  return new DexarError(
    "decoder-structure",
    `The attention around node ${node.name} (${node.opType}) could not be read: ${why}.`,
    "Export the decoder with its key/value cache; report the model if it has one.",
  );
}

function unsupportedAttention(graph: Graph, node: NodeProto): DexarError {
  return new DexarError(
    "unsupported-op",
    `The decoder uses the attention operator ${graph.describe(node)}, for which DEX-AR has no pattern yet.`,
    "Use an export with GroupQueryAttention or with plain operators (MatMul, Softmax).",
  );
}
