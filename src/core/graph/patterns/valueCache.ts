import type { NodeProto, ValueInfoProto } from "onnx-buf";
import { DexarError } from "../../errors.js";
import { DataType, tensorNumbers, type ModelFolder } from "../../onnx/index.js";
import { intsAttribute } from "../attributes.js";
import type { Graph } from "../graph.js";
import { constantDims } from "./linear.js";

/** What may stand between a cache and the attention: repetition of heads, and (for one operator) heads side by side. */
const MOVES = ["Reshape", "Expand", "Unsqueeze", "Transpose", "Cast", "Identity"];

/** From the right operand of A·V back to the value cache, through the repetition of shared heads (h -> h / groups). */
export function traceValue(graph: Graph, tensor: string): string | null {
  const cache = cacheAt(graph, tensor);
  if (cache !== null) return cache;
  const node = graph.producer(tensor);
  if (node?.opType === "Concat") return traceValue(graph, onlyFilled(graph, node));
  if (!node || !MOVES.includes(node.opType)) return null;
  if (node.opType === "Unsqueeze" && !addsGroupAxis(graph, node)) return null;
  // Positions and heads change places, and nothing else does.
  if (node.opType === "Transpose" && intsAttribute(node, "perm")?.join() !== "0,2,1,3") return null;
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

/**
 * Heads and head size of a value cache.
 * @throws DexarError `decoder-structure` when it is no cache, `unsupported-op` when it holds other than floats: a
 * quantised cache needs scales that the gradient does not read
 */
export function cacheShape(
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
  refuseQuantised(node, value, type?.case === "tensorType" ? type.value.elemType : DataType.UNDEFINED);
  return { kvHeads, headSize };
}

function refuseQuantised(node: NodeProto, value: string, type: number): void {
  if (type === DataType.FLOAT || type === DataType.FLOAT16) return;
  throw new DexarError(
    "unsupported-op",
    `The value cache of attention ${node.name} ("${value}") holds ${DataType[type] ?? "unknown"} in place of FLOAT or FLOAT16.`,
    "Export the decoder with a cache that is not quantised.",
  );
}
