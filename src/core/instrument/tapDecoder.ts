import { clone, create } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType as DataType,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type ValueInfoProto,
} from "onnx-buf";
import { makeAttribute } from "../graph/attributes.js";
import { hiddenSumName } from "../graph/canonicalize.js";
import type { LensHead } from "../graph/patterns/lensHead.js";
import { addRowsFrom, cutRows, FIRST_AXIS, limitLogits } from "./lastRows.js";
import { TAP_OUTPUT, type Taps } from "./taps.js";
import { tensorInfo } from "./tensorInfo.js";

/**
 * A copy of the decoder for plain generation: the logits are those of the rows from {@link ROWS_FROM_INPUT} on. Null
 * where only the original will do ({@link limitLogits}).
 */
export function leanDecoder(model: ModelProto, head: LensHead): ModelProto | null {
  const leanModel = clone(ModelProtoSchema, model);
  const graph = leanModel.graph ?? create(GraphProtoSchema);
  addRowsFrom(graph);
  return limitLogits(graph, head) ? leanModel : null;
}

/**
 * A copy of the decoder that also writes, for every position from {@link ROWS_FROM_INPUT} on, the tapped tensors side
 * by side as {@link TAP_OUTPUT}. Its logits are those of the same rows, its cache is bit for bit the original's.
 */
export function tapDecoder(model: ModelProto, taps: Taps, head: LensHead): ModelProto {
  const tappedModel = clone(ModelProtoSchema, model);
  const graph = tappedModel.graph ?? create(GraphProtoSchema);
  addRowsFrom(graph);
  tapGraph(graph, taps, head, "logits");
  return tappedModel;
}

/**
 * Limits a graph's logits and adds the taps as an output of it.
 * @param logits what the graph calls them
 */
export function tapGraph(graph: GraphProto, taps: Taps, head: LensHead, logits: string): void {
  limitLogits(graph, head);
  const tapped = new Set(taps.all.map((tap) => tap.tensor));
  for (const node of graph.node) nameHiddenSum(node, tapped);
  const parts = taps.all.map((_, i) => `dexar_tap_${i}_float`);
  const madeBy = new Map(graph.node.flatMap((made, at) => made.output.map((name) => [name, at] as const)));
  // ONNX Runtime goes depth first from the end and takes the last node first: in this order each tap is cut out as
  // soon as it is there, and no tensor of a long prompt lives until the last layer.
  const lastFirst = taps.all
    .map(({ tensor, flat }, i) => ({ tensor, flat, i }))
    .sort((a, b) => (madeBy.get(b.tensor) ?? 0) - (madeBy.get(a.tensor) ?? 0));
  for (const { tensor, flat, i } of lastFirst) {
    const rows = `dexar_tap_${i}`;
    const whole = flat ? `${rows}_rows` : rows;
    graph.node.push(
      cutRows(tensor, rows, flat),
      ...(flat ? [node("Unsqueeze", [rows, FIRST_AXIS], whole)] : []),
      node("Cast", [whole], parts[i] ?? "", { to: BigInt(DataType.FLOAT) }),
    );
  }
  // The last end of the graph must be that of the taps. Where ONNX Runtime fuses the head's operators (8-bit weights),
  // the fused one comes after all others; something that reads the logits keeps it from being an end.
  graph.node.push(node("Shape", [logits], "dexar_logits_shape"));
  graph.node.push(node("Concat", parts, TAP_OUTPUT, { axis: -1n }));
  graph.output.push(tapInfo(taps.width));
}

/** Declares the tap output. */
export function tapInfo(width: number): ValueInfoProto {
  return tensorInfo(TAP_OUTPUT, DataType.FLOAT, [1, "tapped", width]);
}

/** The last skip norm computes the residual sum but has no name for it: its fourth output gets one. */
function nameHiddenSum(node: NodeProto, tapped: ReadonlySet<string>): void {
  if (!node.opType.startsWith("Skip") || node.output[3] || !tapped.has(hiddenSumName(node))) return;
  node.output = [node.output[0] ?? "", node.output[1] ?? "", node.output[2] ?? "", hiddenSumName(node)];
}

function node(
  opType: string,
  input: string[],
  output: string,
  attributes: Record<string, bigint> = {},
): NodeProto {
  const attribute = Object.entries(attributes).map(([name, value]) => makeAttribute(name, value));
  return create(NodeProtoSchema, { opType, name: output, input, output: [output], attribute });
}
