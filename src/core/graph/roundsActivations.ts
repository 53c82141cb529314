import { TensorProto_DataType as DataType, type NodeProto } from "onnx-buf";
import { intAttribute } from "./attributes.js";
import type { Decoder } from "./decoder.js";

const HALF: readonly number[] = [DataType.FLOAT16, DataType.BFLOAT16];
/** Of MatMulNBits: activations in 8 bits. */
const BYTES = 4;

/**
 * Whether a decoder rounds its activations on the way, to half precision or to 8 bits. Its logits then differ from
 * the lens, which is in float32, by more than the order of the sums.
 */
export function roundsActivations({ proto }: Decoder): boolean {
  return proto.initializer.some((tensor) => HALF.includes(tensor.dataType)) || proto.node.some(roundsToBytes);
}

function roundsToBytes(node: NodeProto): boolean {
  return node.opType === "DynamicQuantizeLinear" || intAttribute(node, "accuracy_level", 0) === BYTES;
}
