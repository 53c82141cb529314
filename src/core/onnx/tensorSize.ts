import { TensorProto_DataType as DataType } from "onnx-buf";
import type { TensorProto } from "onnx-buf";
import { tensorElementBits } from "./dataTypes.js";
import { onnxError } from "./onnxErrors.js";

/** A tensor's dimensions as numbers; throws `onnx-tensor-size` if one is negative or their product beyond 2^53. */
export function tensorDims(tensor: TensorProto, label = tensor.name): number[] {
  let count = 1n;
  for (const dim of tensor.dims) {
    if (dim < 0n || dim > BigInt(Number.MAX_SAFE_INTEGER)) throw badDims(tensor, label);
    count *= dim;
    // A later dimension of 0 cannot save a product this large in any real model, so it is refused at once.
    if (count > BigInt(Number.MAX_SAFE_INTEGER)) throw badDims(tensor, label);
  }
  return tensor.dims.map(Number);
}

/** Elements in a tensor: the product of its dimensions. */
export function tensorElementCount(tensor: TensorProto, label = tensor.name): number {
  return tensorDims(tensor, label).reduce((product, dim) => product * dim, 1);
}

/** Bytes a tensor's data take in raw form: dims x element size, elements below a byte packed. */
export function tensorByteLength(tensor: TensorProto, label = tensor.name): number {
  return Math.ceil((tensorElementCount(tensor, label) * tensorElementBits(tensor.dataType)) / 8);
}

/** Throws `onnx-tensor-size` unless a tensor's stored byte count is what its dims and data type need. */
export function checkStoredBytes(tensor: TensorProto, label: string, stored: number): void {
  const needed = tensorByteLength(tensor, label);
  if (stored !== needed) {
    throw onnxError(
      "onnx-tensor-size",
      `Tensor ${label} holds ${stored} bytes, but its shape [${tensor.dims}] of type ${DataType[tensor.dataType]} needs ${needed}.`,
    );
  }
}

function badDims({ dims }: TensorProto, label: string): Error {
  const shown = dims.slice(0, 8).join(", ") + (dims.length > 8 ? ", …" : "");
  return onnxError("onnx-tensor-size", `Tensor ${label} has the impossible shape [${shown}].`);
}
