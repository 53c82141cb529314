import { create } from "@bufbuild/protobuf";
import { NodeProtoSchema, TensorProto_DataType as DataType, type GraphProto, type NodeProto } from "onnx-buf";
import type { LensHead } from "../graph/patterns/lensHead.js";
import { makeTensor } from "../onnx/index.js";
import { tensorInfo } from "./tensorInfo.js";

/** Name of the decoder input that says which rows matter: int64 [1], the first row, from the end when negative. */
export const ROWS_FROM_INPUT = "dexar_rows_from";

/** Name of a constant of the rewritten decoder: the list of the first axis alone. */
export const FIRST_AXIS = "dexar_first_axis";

const CONSTANTS = { end: "dexar_rows_end", axis: "dexar_rows_axis", flatAxis: FIRST_AXIS };

/** Gives a decoder the input {@link ROWS_FROM_INPUT}. */
export function addRowsFrom(graph: GraphProto): void {
  graph.initializer.push(
    makeTensor(CONSTANTS.end, DataType.INT64, [1], [Number.MAX_SAFE_INTEGER]),
    makeTensor(CONSTANTS.axis, DataType.INT64, [1], [1]),
    makeTensor(CONSTANTS.flatAxis, DataType.INT64, [1], [0]),
  );
  graph.input.push(tensorInfo(ROWS_FROM_INPUT, DataType.INT64, [1]));
}

/** The rows that matter of a tensor [1, S, width]; of [S, width] where it is `flat`. */
export function cutRows(tensor: string, output: string, flat = false): NodeProto {
  const input = [tensor, ROWS_FROM_INPUT, CONSTANTS.end, flat ? CONSTANTS.flatAxis : CONSTANTS.axis];
  return create(NodeProtoSchema, { opType: "Slice", name: output, input, output: [output] });
}

/**
 * Has the logits computed of the rows that matter alone. Nobody looks at those of a prompt but the last, and they are
 * a fifth of the work on it and, for a usual vocabulary, most of the memory.
 * @returns false, and nothing is changed, for a dynamically quantised head, which rounds a row by what the others hold,
 * and for a flat one, after which the logits get their axes back from the number of all rows
 */
export function limitLogits(graph: GraphProto, head: LensHead): boolean {
  const [logits] = head.node.output;
  const at = graph.node.findIndex(
    ({ opType, output }) => output[0] === logits && opType === head.node.opType,
  );
  const node = graph.node[at];
  if (node === undefined || head.flat) return false;
  const rows = "dexar_head_rows";
  graph.node.splice(at, 0, cutRows(node.input[0] ?? "", rows));
  node.input[0] = rows;
  return true;
}
