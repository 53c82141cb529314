import { clone, create } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
} from "onnx-buf";
import { branchGraph, mergeNode, nameInside, type Branch } from "../graph/mergedDecoder.js";
import type { LensHead } from "../graph/patterns/lensHead.js";
import { addRowsFrom, limitLogits } from "./lastRows.js";
import { tapGraph, tapInfo } from "./tapDecoder.js";
import { TAP_OUTPUT, Taps } from "./taps.js";

/** What is tapped in one branch of a merged decoder, and its head. */
export interface TappedCopy {
  readonly branch: Branch;
  readonly taps: Taps;
  readonly head: LensHead;
}

/** As {@link leanDecoder}, for a merged decoder. */
export function leanMergedDecoder(model: ModelProto, copies: readonly TappedCopy[]): ModelProto | null {
  const { copy, graph, node } = copied(model);
  const limited = copies.map(({ branch, head }) =>
    limitLogits(branchGraph(node, branch), headInside(node, branch, head)),
  );
  addRowsFrom(graph);
  return limited.every((done) => done) ? copy : null;
}

/** As {@link tapDecoder}, for a merged decoder: each branch writes its own taps, which the `If` hands on. */
export function tapMergedDecoder(model: ModelProto, copies: readonly TappedCopy[]): ModelProto {
  const { copy, graph, node } = copied(model);
  addRowsFrom(graph);
  const logits = node.output.find((name) => leadsTo(graph, name, "logits")) ?? "logits";
  for (const { branch, taps, head } of copies) {
    const inside = new Taps();
    for (const { tensor, width, flat } of taps.all) inside.add(nameInside(node, branch, tensor), width, flat);
    const own = nameInside(node, branch, logits);
    tapGraph(branchGraph(node, branch), inside, headInside(node, branch, head), own);
  }
  node.output.push(TAP_OUTPUT);
  graph.output.push(tapInfo(copies[0]?.taps.width ?? 0));
  return copy;
}

function copied(model: ModelProto): { copy: ModelProto; graph: GraphProto; node: NodeProto } {
  const copy = clone(ModelProtoSchema, model);
  const graph = copy.graph ?? create(GraphProtoSchema);
  const node = mergeNode(graph);
  if (node === null) throw new RangeError("the decoder is not merged");
  return { copy, graph, node };
}

/** A head as its branch names the tensors. */
function headInside(node: NodeProto, branch: Branch, head: LensHead): LensHead {
  const output = head.node.output.map((name) => nameInside(node, branch, name));
  return { ...head, node: Object.assign(clone(NodeProtoSchema, head.node), { output }) };
}

function leadsTo(graph: GraphProto, tensor: string, output: string): boolean {
  if (tensor === output) return true;
  return graph.node.some(
    (n) => n.input.includes(tensor) && n.output.some((to) => leadsTo(graph, to, output)),
  );
}
