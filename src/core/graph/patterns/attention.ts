import type { NodeProto, ValueInfoProto } from "onnx-buf";
import { DexarError } from "../../errors.js";
import { intAttribute, intsAttribute } from "../attributes.js";
import type { Graph } from "../graph.js";
import { weightWidths } from "./linear.js";

/** One attention block, found by structure. */
export interface Attention {
  /** How the block is written: one fused operator, or plain operators around a Softmax. */
  readonly style: "fused" | "decomposed";
  /** Name of the attention operator (fused) or of its Softmax, for messages. */
  readonly node: string;
  /** z: the heads' outputs before the output projection, [1, S, heads * headSize]. */
  readonly output: string;
  /** Graph output with the value cache, [1, kvHeads, P, headSize]. */
  readonly value: string;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  /** Sliding window: how many positions, its own included, a position attends to; null: all. */
  readonly window: number | null;
}

/** All attention blocks of a decoder in order of execution. */
export function findAttentions(graph: Graph, outputs: readonly ValueInfoProto[]): Attention[] {
  const found: Attention[] = [];
  for (const node of graph.nodes) {
    if (node.opType === "GroupQueryAttention") found.push(fused(node, outputs));
    else if (node.opType === "Softmax") {
      const block = decomposed(graph, node, outputs);
      if (block) found.push(block);
    } else if (OTHER_ATTENTION.has(node.opType)) throw unsupportedAttention(node);
  }
  return found;
}

const OTHER_ATTENTION = new Set([
  "Attention",
  "MultiHeadAttention",
  "PagedAttention",
  "SparseAttention",
  "LinearAttention",
]);

function unsupportedAttention(node: NodeProto): DexarError {
  return new DexarError(
    "unsupported-op",
    `The decoder uses the attention operator ${node.domain || "ai.onnx"}:${node.opType} (node ${node.name}), for which DEX-AR has no pattern yet.`,
    "Use an export with GroupQueryAttention or with plain operators (MatMul, Softmax).",
  );
}

function fused(node: NodeProto, outputs: readonly ValueInfoProto[]): Attention {
  const value = node.output[2] ?? "";
  const window = intAttribute(node, "local_window_size", -1);
  return {
    style: "fused",
    node: node.name,
    output: node.output[0] ?? "",
    value,
    heads: intAttribute(node, "num_heads", 0),
    ...cacheShape(node, value, outputs),
    window: window > 0 ? window : null,
  };
}

function decomposed(graph: Graph, softmax: NodeProto, outputs: readonly ValueInfoProto[]): Attention | null {
  const weights = followForward(graph, softmax.output[0] ?? "", ["Cast", "Identity"]);
  const product = graph.consumers(weights).find((n) => n.opType === "MatMul" && n.input[0] === weights);
  if (!product) return null;
  const value = traceValue(graph, product.input[1] ?? "");
  if (!value) return null;
  const output = followForward(graph, product.output[0] ?? "", ["Transpose", "Reshape", "Cast", "Identity"]);
  const projection = graph
    .consumers(output)
    .map((n) => weightWidths(graph, n))
    .find((w) => w !== null);
  const cache = cacheShape(softmax, value, outputs);
  if (!projection || projection.input % cache.headSize !== 0) return null;
  const heads = projection.input / cache.headSize;
  return { style: "decomposed", node: softmax.name, output, value, heads, ...cache, window: null };
}

/** Walks on while the tensor has one reader and that reader is one of `ops`. */
function followForward(graph: Graph, tensor: string, ops: readonly string[]): string {
  const readers = graph.consumers(tensor).filter((n) => n.opType !== "Shape");
  const [only] = readers;
  if (readers.length !== 1 || !only || !ops.includes(only.opType) || only.input[0] !== tensor) return tensor;
  return followForward(graph, only.output[0] ?? "", ops);
}

/** From the right operand of A·V back to the value cache, through the repetition of shared heads (h -> h / groups). */
function traceValue(graph: Graph, tensor: string): string | null {
  if (graph.outputs.has(tensor)) return tensor;
  const node = graph.producer(tensor);
  if (!node || !["Reshape", "Expand", "Unsqueeze", "Cast", "Identity"].includes(node.opType)) return null;
  if (node.opType === "Unsqueeze" && !addsGroupAxis(graph, node)) return null;
  return traceValue(graph, node.input[0] ?? "");
}

/** A shared head is repeated next to itself only when the new axis comes right after the heads' axis. */
function addsGroupAxis(graph: Graph, node: NodeProto): boolean {
  const attribute = intsAttribute(node, "axes");
  if (attribute) return attribute[0] === 2;
  const axes =
    graph.producer(node.input[1] ?? "")?.attribute.find((a) => a.name === "value")?.t ??
    graph.initializers.get(node.input[1] ?? "");
  if (!axes) return false;
  const first =
    axes.int64Data[0] ?? new DataView(axes.rawData.buffer, axes.rawData.byteOffset).getBigInt64(0, true);
  return first === 2n;
}

function cacheShape(
  node: NodeProto,
  value: string,
  outputs: readonly ValueInfoProto[],
): { kvHeads: number; headSize: number } {
  const info = outputs.find((o) => o.name === value);
  const dims = info?.type?.value.case === "tensorType" ? (info.type.value.value.shape?.dim ?? []) : [];
  const size = (axis: number): number =>
    dims[axis]?.value.case === "dimValue" ? Number(dims[axis]?.value.value) : 0;
  const [kvHeads, headSize] = [size(1), size(3)];
  if (dims.length !== 4 || kvHeads <= 0 || headSize <= 0) {
    throw new DexarError(
      "decoder-structure",
      `The value cache of attention ${node.name} ("${value}") is not a graph output with shape [batch, kv heads, positions, head size].`,
      "Export the decoder with its key/value cache (present.*) as outputs.",
    );
  }
  return { kvHeads, headSize };
}
