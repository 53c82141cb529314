import { TensorProto_DataType as DataType } from "onnx-buf";
import type { TensorProto } from "onnx-buf";

/** The number field of a TensorProto that holds its elements when there is no raw_data. */
export interface TypedData {
  readonly values: readonly (number | bigint)[];
  /** Bytes of one list entry in raw form (an entry of int32_data holds two 4-bit elements). */
  readonly entryBytes: number;
  readonly write: (view: DataView, byteOffset: number, value: number | bigint) => void;
}

/** The typed field that belongs to a tensor's data type, whether or not it is used. */
export function typedData(tensor: TensorProto): TypedData {
  switch (tensor.dataType) {
    case DataType.FLOAT:
    case DataType.COMPLEX64:
      return {
        values: tensor.floatData,
        entryBytes: 4,
        write: (v, o, x) => v.setFloat32(o, Number(x), true),
      };
    case DataType.DOUBLE:
    case DataType.COMPLEX128:
      return {
        values: tensor.doubleData,
        entryBytes: 8,
        write: (v, o, x) => v.setFloat64(o, Number(x), true),
      };
    case DataType.INT64:
      return {
        values: tensor.int64Data,
        entryBytes: 8,
        write: (v, o, x) => v.setBigInt64(o, BigInt(x), true),
      };
    case DataType.UINT64:
      return {
        values: tensor.uint64Data,
        entryBytes: 8,
        write: (v, o, x) => v.setBigUint64(o, BigInt(x), true),
      };
    case DataType.UINT32:
      return {
        values: tensor.uint64Data,
        entryBytes: 4,
        write: (v, o, x) => v.setUint32(o, Number(x), true),
      };
    case DataType.INT32:
      return {
        values: tensor.int32Data,
        entryBytes: 4,
        write: (v, o, x) => v.setInt32(o, Number(x), true),
      };
    case DataType.INT16:
    case DataType.UINT16:
    case DataType.FLOAT16:
    case DataType.BFLOAT16:
      return {
        values: tensor.int32Data,
        entryBytes: 2,
        write: (v, o, x) => v.setUint16(o, Number(x), true),
      };
    default:
      return { values: tensor.int32Data, entryBytes: 1, write: (v, o, x) => v.setUint8(o, Number(x)) };
  }
}
