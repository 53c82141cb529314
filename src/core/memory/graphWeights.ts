import { create } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  TensorProto_DataType as DataType,
  type GraphProto,
  type ModelProto,
  type NodeProto,
} from "onnx-buf";
import { intAttribute } from "../graph/attributes.js";
import { Graph } from "../graph/graph.js";
import { BRANCHES, inlineBranch, mergeNode } from "../graph/mergedDecoder.js";
import { dataTypeName, externalRange, tensorByteLength, tensorElementCount } from "../onnx/index.js";
import type { TensorProto } from "../onnx/index.js";
import type { GraphWeights } from "./types.js";

/** Operators whose constant operand ORT copies into its own layout, and which input that is. */
const PACKED_INPUT: ReadonlyMap<string, number> = new Map([
  ["MatMul", 1],
  ["Gemm", 1],
  ["FusedMatMul", 1],
  ["MatMulNBits", 1],
  ["MatMulInteger", 1],
  ["DynamicQuantizeMatMul", 1],
  ["Conv", 1],
]);
/** Operators on a constant that ORT computes once, at load time. */
const FOLDED = new Set(["Cast", "Identity", "Transpose"]);
const HALF: readonly number[] = [DataType.FLOAT16, DataType.BFLOAT16];

/**
 * How the weights of a graph are held by a session with all optimisations on the CPU.
 * @param ownFile name of the graph's file: ORT copies what lies inside it; null where it opens a rewritten graph
 * that refers to all of it
 * @param halfIsNative whether the processor's products take half precision as it is (ARM); else it is cast
 */
export function graphWeights(model: ModelProto, ownFile: string | null, halfIsNative = false): GraphWeights {
  const held = heldByCopies(model, { ownFile, halfIsNative });
  const byType: Record<string, number> = {};
  for (const { type, stored } of held) byType[type] = (byType[type] ?? 0) + stored;
  const sum = (of: (weight: HeldWeight) => number) => held.reduce((total, weight) => total + of(weight), 0);
  return {
    byType,
    private: sum((weight) => weight.private),
    mapped: sum((weight) => weight.mapped),
    whileLoading: Math.max(0, ...held.map((weight) => weight.whileLoading)),
  };
}

/** Mapped bytes that a session without prepacking and optimisation reads; of gathered tensors a few rows, so none. */
export function bytesReadInPlace(model: ModelProto): number {
  const proto = model.graph;
  if (proto === undefined) return 0;
  const graph = new Graph(proto);
  return proto.initializer
    .filter((tensor) => externalRange(tensor) !== undefined)
    .filter((tensor) => graph.consumers(tensor.name).some((node) => node.opType !== "Gather"))
    .reduce((sum, tensor) => sum + tensorByteLength(tensor), 0);
}

interface HeldWeight {
  readonly name: string;
  /** Whether its private bytes are a copy that a session makes for itself. */
  readonly packed: boolean;
  readonly type: string;
  readonly stored: number;
  readonly private: number;
  readonly mapped: number;
  readonly whileLoading: number;
}

interface Holder {
  readonly ownFile: string | null;
  readonly halfIsNative: boolean;
}

/** A merged decoder's branches have the same weights, which each of them packs for itself. */
function heldByCopies(model: ModelProto, holder: Holder): HeldWeight[] {
  const node = model.graph ? mergeNode(model.graph) : null;
  if (!node) return model.graph ? heldWeights(model.graph, holder) : [];
  const [first = [], second = []] = BRANCHES.map((branch) =>
    heldWeights(inlineBranch(model, node, branch).graph ?? create(GraphProtoSchema), holder),
  );
  const names = new Set(first.map(({ name }) => name));
  const again = second.flatMap((weight) => {
    if (!names.has(weight.name)) return [weight];
    return weight.packed ? [{ ...weight, stored: 0, mapped: 0 }] : [];
  });
  return [...first, ...again];
}

function heldWeights(proto: GraphProto, holder: Holder): HeldWeight[] {
  const graph = new Graph(proto);
  const constants = proto.node.flatMap((node) => constantOf(node) ?? []);
  return [
    ...proto.initializer.map((tensor) => heldWeight(graph, tensor, holder)),
    ...constants.map((tensor) => heldInGraph(tensor)),
  ];
}

function heldWeight(graph: Graph, tensor: TensorProto, { ownFile, halfIsNative }: Holder): HeldWeight {
  const place = externalRange(tensor)?.location;
  const inGraph = place === undefined || place === ownFile;
  const stored = tensorByteLength(tensor);
  const type = dataTypeName(tensor.dataType);
  const uses = usesOf(graph, tensor.name);
  const half = HALF.includes(tensor.dataType) && !halfIsNative;
  if (uses.packed || (half && uses.computed)) {
    // Most processors compute in float32: half-precision weights are cast when the session is opened.
    const copy = half ? tensorElementCount(tensor) * 4 : stored;
    const rest = uses.gathered && !inGraph ? stored : 0;
    const whileLoading = half || inGraph ? copy : 0;
    return { name: tensor.name, packed: true, type, stored, private: copy, mapped: rest, whileLoading };
  }
  if (inGraph) return heldInGraph(tensor);
  return { name: tensor.name, packed: false, type, stored, private: 0, mapped: stored, whileLoading: 0 };
}

function heldInGraph(tensor: TensorProto): HeldWeight {
  const stored = tensorByteLength(tensor);
  const { name, dataType } = tensor;
  return {
    name,
    packed: false,
    type: dataTypeName(dataType),
    stored,
    private: stored,
    mapped: 0,
    whileLoading: 0,
  };
}

/** How a constant is read, also behind operators that are computed at load time. */
interface Uses {
  readonly packed: boolean;
  /** Rows of it are looked up. */
  readonly gathered: boolean;
  /** It takes part in arithmetic. */
  readonly computed: boolean;
}

function usesOf(graph: Graph, tensor: string): Uses {
  const uses = graph.consumers(tensor).map((node): Uses => {
    if (FOLDED.has(node.opType) && node.output[0]) return usesOf(graph, node.output[0]);
    const packed = packedInputs(node).some((at) => node.input[at] === tensor);
    const gathered = node.opType.startsWith("Gather");
    return { packed, gathered, computed: !gathered };
  });
  const some = (of: (use: Uses) => boolean) => uses.some(of);
  return {
    packed: some((use) => use.packed),
    gathered: some((use) => use.gathered),
    computed: some((use) => use.computed),
  };
}

/** With products of 8-bit integers (`accuracy_level` 4) the scales of a 4-bit weight are packed with it. */
function packedInputs(node: NodeProto): number[] {
  const at = PACKED_INPUT.get(node.opType);
  if (at === undefined) return [];
  return node.opType === "MatMulNBits" && intAttribute(node, "accuracy_level", 0) === 4 ? [at, 2] : [at];
}

function constantOf(node: NodeProto): TensorProto | undefined {
  return node.opType === "Constant" ? node.attribute.find(({ name }) => name === "value")?.t : undefined;
}
