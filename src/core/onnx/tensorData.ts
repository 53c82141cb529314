import { create } from "@bufbuild/protobuf";
import { TensorProtoSchema } from "onnx-buf";
import type { TensorProto, TensorProto_DataType as DataType } from "onnx-buf";
import type { ModelFolder } from "./byteSource.js";
import { elementCodec } from "./dataTypes.js";
import { openExternal } from "./externalFile.js";
import { checkStoredBytes, tensorByteLength, tensorDims, tensorElementCount } from "./tensorSize.js";
import { typedData } from "./typedData.js";

/** A tensor's elements as little-endian raw bytes, wherever they are stored; throws a DexarError if they do not fit its shape. */
export function tensorBytes(folder: ModelFolder, tensor: TensorProto): Uint8Array<ArrayBuffer> {
  const external = openExternal(folder, tensor, tensor.name);
  if (external !== undefined) return external.source.read(external.offset, tensorByteLength(tensor));
  const bytes = tensor.rawData.length > 0 ? tensor.rawData : typedDataBytes(tensor);
  checkStoredBytes(tensor, tensor.name, bytes.length);
  return bytes;
}

/** A small constant as numbers, with its dims; integers outside 2^53 are an error (`onnx-number-range`). */
export function tensorNumbers(
  folder: ModelFolder,
  tensor: TensorProto,
): { dims: number[]; values: Float64Array } {
  const { get } = elementCodec(tensor.dataType);
  const bytes = tensorBytes(folder, tensor);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float64Array(tensorElementCount(tensor));
  for (let i = 0; i < values.length; i++) values[i] = get(view, i);
  return { dims: tensorDims(tensor), values };
}

/** A tensor with inline data: raw little-endian bytes, or one number per element (anything but a Uint8Array). */
export function makeTensor(
  name: string,
  dataType: DataType,
  dims: readonly number[],
  data: Uint8Array<ArrayBuffer> | readonly number[] | Float32Array | Float64Array,
): TensorProto {
  const tensor = create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt) });
  tensor.rawData = data instanceof Uint8Array ? data : encodeNumbers(tensor, data);
  checkStoredBytes(tensor, name, tensor.rawData.length);
  return tensor;
}

function encodeNumbers(tensor: TensorProto, values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const { set } = elementCodec(tensor.dataType);
  const count = tensorElementCount(tensor);
  if (values.length !== count) {
    throw new RangeError(`${tensor.name}: ${values.length} values for ${count} elements`);
  }
  const bytes = new Uint8Array(tensorByteLength(tensor));
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < count; i++) set(view, i, values[i] ?? 0);
  return bytes;
}

function typedDataBytes(tensor: TensorProto): Uint8Array<ArrayBuffer> {
  const { values, entryBytes, write } = typedData(tensor);
  const bytes = new Uint8Array(values.length * entryBytes);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => write(view, i * entryBytes, value));
  return bytes;
}
