import type { GraphProto, NodeProto, ValueInfoProto } from "onnx-buf";
import { DexarError } from "../../errors.js";
import { tensorNumbers, type ModelFolder } from "../../onnx/index.js";
import { intAttribute } from "../attributes.js";
import type { Graph } from "../graph.js";
import { constantDims, weightWidths } from "./linear.js";

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
  };
}

/** softmax(…) V with V from the cache; null for a Softmax that weighs no values (a router of experts). */
function decomposed(graph: Graph, softmax: NodeProto, caches: readonly ValueInfoProto[]): Attention | null {
  const weights = followForward(graph, softmax.output[0] ?? "", ["Cast", "Identity"]);
  const product = graph.consumers(weights).find((n) => n.opType === "MatMul" && n.input[0] === weights);
  const values = product?.input[1] ?? "";
  if (!product || graph.isConstant(values)) return null;
  const value = traceValue(graph, values);
  if (!value) throw unreadable(softmax, "its values do not lead back to a cache among the outputs");
  const output = followForward(graph, product.output[0] ?? "", ["Transpose", "Reshape", "Cast", "Identity"]);
  const projections = graph.consumers(output).map((n) => weightWidths(graph, n));
  const width = projections.find((widths) => widths !== null)?.input;
  const cache = cacheShape(softmax, value, caches);
  if (width === undefined || width % cache.headSize !== 0) {
    throw unreadable(softmax, "no output projection with a constant weight of matching width follows it");
  }
  const heads = width / cache.headSize;
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
  const cache = cacheAt(graph, tensor);
  if (cache !== null) return cache;
  const node = graph.producer(tensor);
  if (node?.opType === "Concat") return traceValue(graph, onlyFilled(graph, node));
  if (!node || !["Reshape", "Expand", "Unsqueeze", "Cast", "Identity"].includes(node.opType)) return null;
  if (node.opType === "Unsqueeze" && !addsGroupAxis(graph, node)) return null;
  return traceValue(graph, node.input[0] ?? "");
}

/** The output (or input) of the graph that a tensor is, at most in another precision. */
function cacheAt(graph: Graph, tensor: string): string | null {
  if (graph.outputs.has(tensor) || graph.inputs.has(tensor)) return tensor;
  const copies = graph.consumers(tensor).filter(({ opType }) => opType === "Cast" || opType === "Identity");
  return copies.flatMap(({ output }) => output).find((name) => graph.outputs.has(name)) ?? null;
}

/** What an exporter joins to an empty cache; empty where there is more than one such tensor. */
function onlyFilled(graph: Graph, { input }: NodeProto): string {
  const filled = input.filter((name) => constantDims(graph, name)?.includes(0) !== true);
  return filled.length === 1 ? (filled[0] ?? "") : "";
}

/** A shared head is repeated next to itself only when the new axis comes right after the heads' axis. */
function addsGroupAxis(graph: Graph, node: NodeProto): boolean {
  const axes = graph.initializers.get(node.input[1] ?? "");
  return axes !== undefined && tensorNumbers(NO_FILES, axes).values[0] === 2;
}

/** The axis of an Unsqueeze is a few bytes, which lie in the graph itself. */
const NO_FILES: ModelFolder = { open: () => undefined };

function cacheShape(
  node: NodeProto,
  value: string,
  caches: readonly ValueInfoProto[],
): { kvHeads: number; headSize: number } {
  const type = caches.find((o) => o.name === value)?.type?.value;
  const dims = type?.case === "tensorType" ? (type.value.shape?.dim ?? []) : [];
  const [, kvHeads = 0, , headSize = 0] = dims.map(({ value: size }) =>
    size.case === "dimValue" ? Number(size.value) : 0,
  );
  if (dims.length !== 4 || kvHeads <= 0 || headSize <= 0) {
    throw new DexarError(
      "decoder-structure",
      `The value cache of attention ${node.name} ("${value}") is not a graph output with shape [batch, kv heads, positions, head size].`,
      "Export the decoder with its key/value cache (present.*) as outputs.",
    );
  }
  return { kvHeads, headSize };
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
