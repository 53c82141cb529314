import { clone, create } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType as DataType,
  type ModelProto,
  type NodeProto,
} from "onnx-buf";
import { makeAttribute } from "../graph/attributes.js";
import { hiddenSumName } from "../graph/canonicalize.js";
import { makeTensor } from "../onnx/index.js";
import { TAP_FROM_INPUT, TAP_OUTPUT, type Taps } from "./taps.js";
import { tensorInfo } from "./tensorInfo.js";

const CONSTANTS = { end: "dexar_tap_end", axis: "dexar_tap_axis" };

/**
 * A copy of the decoder that also writes, for every position from {@link TAP_FROM_INPUT} on, the tapped tensors
 * side by side as {@link TAP_OUTPUT}. All its other outputs are bit for bit those of the original.
 */
export function tapDecoder(model: ModelProto, taps: Taps): ModelProto {
  const tappedModel = clone(ModelProtoSchema, model);
  const graph = tappedModel.graph ?? create(GraphProtoSchema);
  const tapped = new Set(taps.all.map((tap) => tap.tensor));
  for (const node of graph.node) nameHiddenSum(node, tapped);
  graph.initializer.push(
    makeTensor(CONSTANTS.end, DataType.INT64, [1], [Number.MAX_SAFE_INTEGER]),
    makeTensor(CONSTANTS.axis, DataType.INT64, [1], [1]),
  );
  const parts = taps.all.map((_, i) => `dexar_tap_${i}_float`);
  const madeBy = new Map(graph.node.flatMap((made, at) => made.output.map((name) => [name, at] as const)));
  // ONNX Runtime goes depth first from the end and takes the last node first: in this order each tap is cut out as
  // soon as it is there, and no tensor of a long prompt lives until the last layer.
  const lastFirst = taps.all
    .map(({ tensor }, i) => ({ tensor, i }))
    .sort((a, b) => (madeBy.get(b.tensor) ?? 0) - (madeBy.get(a.tensor) ?? 0));
  for (const { tensor, i } of lastFirst) {
    const rows = `dexar_tap_${i}`;
    graph.node.push(
      node("Slice", [tensor, TAP_FROM_INPUT, CONSTANTS.end, CONSTANTS.axis], rows),
      node("Cast", [rows], parts[i] ?? "", { to: BigInt(DataType.FLOAT) }),
    );
  }
  graph.node.push(node("Concat", parts, TAP_OUTPUT, { axis: -1n }));
  graph.input.push(tensorInfo(TAP_FROM_INPUT, DataType.INT64, [1]));
  graph.output.push(tensorInfo(TAP_OUTPUT, DataType.FLOAT, [1, "tapped", taps.width]));
  return tappedModel;
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
