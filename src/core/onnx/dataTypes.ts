import { TensorProto_DataType as DataType } from "onnx-buf";
import { bfloat16ToNumber, float16ToNumber, numberToBfloat16, numberToFloat16 } from "../tensor/float16.js";
import { onnxError } from "./onnxErrors.js";

const ELEMENT_BITS: ReadonlyMap<number, number> = new Map([
  [DataType.UINT2, 2],
  [DataType.INT2, 2],
  [DataType.UINT4, 4],
  [DataType.INT4, 4],
  [DataType.FLOAT4E2M1, 4],
  [DataType.UINT8, 8],
  [DataType.INT8, 8],
  [DataType.BOOL, 8],
  [DataType.FLOAT8E4M3FN, 8],
  [DataType.FLOAT8E4M3FNUZ, 8],
  [DataType.FLOAT8E5M2, 8],
  [DataType.FLOAT8E5M2FNUZ, 8],
  [DataType.FLOAT8E8M0, 8],
  [DataType.UINT16, 16],
  [DataType.INT16, 16],
  [DataType.FLOAT16, 16],
  [DataType.BFLOAT16, 16],
  [DataType.UINT32, 32],
  [DataType.INT32, 32],
  [DataType.FLOAT, 32],
  [DataType.UINT64, 64],
  [DataType.INT64, 64],
  [DataType.DOUBLE, 64],
  [DataType.COMPLEX64, 64],
  [DataType.COMPLEX128, 128],
]);

/** How the elements of one data type are read from and written to little-endian bytes. */
export interface ElementCodec {
  readonly get: (view: DataView, index: number) => number;
  readonly set: (view: DataView, index: number, value: number) => void;
}

const CODECS: ReadonlyMap<number, ElementCodec> = new Map([
  [DataType.UINT2, subByteCodec(2, false)],
  [DataType.INT2, subByteCodec(2, true)],
  [DataType.UINT4, subByteCodec(4, false)],
  [DataType.INT4, subByteCodec(4, true)],
  [DataType.UINT8, { get: (v, i) => v.getUint8(i), set: (v, i, x) => v.setUint8(i, x) }],
  [DataType.INT8, { get: (v, i) => v.getInt8(i), set: (v, i, x) => v.setInt8(i, x) }],
  [
    DataType.BOOL,
    { get: (v, i) => Number(v.getUint8(i) !== 0), set: (v, i, x) => v.setUint8(i, Number(x !== 0)) },
  ],
  [
    DataType.UINT16,
    { get: (v, i) => v.getUint16(2 * i, true), set: (v, i, x) => v.setUint16(2 * i, x, true) },
  ],
  [DataType.INT16, { get: (v, i) => v.getInt16(2 * i, true), set: (v, i, x) => v.setInt16(2 * i, x, true) }],
  [
    DataType.FLOAT16,
    {
      get: (v, i) => float16ToNumber(v.getUint16(2 * i, true)),
      set: (v, i, x) => v.setUint16(2 * i, numberToFloat16(x), true),
    },
  ],
  [
    DataType.BFLOAT16,
    {
      get: (v, i) => bfloat16ToNumber(v.getUint16(2 * i, true)),
      set: (v, i, x) => v.setUint16(2 * i, numberToBfloat16(x), true),
    },
  ],
  [
    DataType.UINT32,
    { get: (v, i) => v.getUint32(4 * i, true), set: (v, i, x) => v.setUint32(4 * i, x, true) },
  ],
  [DataType.INT32, { get: (v, i) => v.getInt32(4 * i, true), set: (v, i, x) => v.setInt32(4 * i, x, true) }],
  [
    DataType.FLOAT,
    { get: (v, i) => v.getFloat32(4 * i, true), set: (v, i, x) => v.setFloat32(4 * i, x, true) },
  ],
  [
    DataType.UINT64,
    {
      get: (v, i) => exactNumber(v.getBigUint64(8 * i, true)),
      set: (v, i, x) => v.setBigUint64(8 * i, BigInt(x), true),
    },
  ],
  [
    DataType.INT64,
    {
      get: (v, i) => exactNumber(v.getBigInt64(8 * i, true)),
      set: (v, i, x) => v.setBigInt64(8 * i, BigInt(x), true),
    },
  ],
  [
    DataType.DOUBLE,
    { get: (v, i) => v.getFloat64(8 * i, true), set: (v, i, x) => v.setFloat64(8 * i, x, true) },
  ],
]);

/** The name of a data type as ONNX writes it, for messages. */
export function dataTypeName(dataType: number): string {
  return DataType[dataType] ?? `number ${dataType}`;
}

/** Bits of one element as stored (4 for INT4 and UINT4); throws `onnx-data-type` for strings and unknown types. */
export function tensorElementBits(dataType: number): number {
  const bits = ELEMENT_BITS.get(dataType);
  if (bits === undefined) {
    throw onnxError(
      "onnx-data-type",
      `The tensor data type ${dataTypeName(dataType)} has no fixed element size.`,
    );
  }
  return bits;
}

/** The codec of a data type; throws `onnx-data-type` for types whose elements are not plain numbers here. */
export function elementCodec(dataType: number): ElementCodec {
  const codec = CODECS.get(dataType);
  if (codec === undefined) {
    throw onnxError("onnx-data-type", `Tensors of type ${dataTypeName(dataType)} cannot be read as numbers.`);
  }
  return codec;
}

/** Elements below a byte are packed from the lowest bits up. */
function subByteCodec(bits: number, signed: boolean): ElementCodec {
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  const place = (index: number) => ({ byte: Math.floor(index / perByte), shift: (index % perByte) * bits });
  return {
    get: (view, index) => {
      const { byte, shift } = place(index);
      const value = (view.getUint8(byte) >> shift) & mask;
      return signed && value > mask >> 1 ? value - mask - 1 : value;
    },
    set: (view, index, value) => {
      const { byte, shift } = place(index);
      view.setUint8(byte, (view.getUint8(byte) & ~(mask << shift)) | ((value & mask) << shift));
    },
  };
}

function exactNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw onnxError("onnx-number-range", `The integer ${value} does not fit a JavaScript number exactly.`);
  }
  return number;
}
