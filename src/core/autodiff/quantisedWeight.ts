import { clone } from "@bufbuild/protobuf";
import {
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  type NodeProto,
  type TensorProto,
} from "onnx-buf";
import { DexarError } from "../errors.js";
import { intAttribute } from "../graph/attributes.js";
import { makeTensor, tensorDims } from "../onnx/index.js";
import type { Emitter } from "./emitter.js";

/** A constant input of the quantised layer: its bytes by reference, and its numbers where they must be read. */
export interface QuantisedSource {
  readonly node: NodeProto;
  readonly emit: Emitter;
  tensor(i: number): TensorProto | null;
  numbers(i: number): readonly number[];
}

interface Layout {
  readonly rows: number;
  readonly columns: number;
  readonly bits: number;
  readonly block: number;
  readonly blocks: number;
}

/** Shape of a MatMulNBits weight; throws `unsupported-op` for layouts whose bytes are not plain rows. */
function layoutOf(node: NodeProto): Layout {
  const attribute = (name: string) => intAttribute(node, name, 0);
  const layout = {
    rows: attribute("N"),
    columns: attribute("K"),
    bits: intAttribute(node, "bits", 4),
    block: attribute("block_size"),
    blocks: 0,
  };
  const blocks = layout.columns / layout.block;
  const why = !Number.isInteger(blocks)
    ? `K = ${layout.columns} is no multiple of block_size = ${layout.block}`
    : layout.bits !== 4 && layout.bits !== 8
      ? `${layout.bits} bits`
      : node.input[4]
        ? "a group index (g_idx)"
        : null;
  if (why) throw unsupported(node, why);
  return { ...layout, blocks };
}

function unsupported(node: NodeProto, why: string): DexarError {
  return new DexarError(
    "unsupported-op",
    `com.microsoft:MatMulNBits with ${why} (node ${node.name}) is not supported.`,
    "Use the fp32, fp16 or a 4-bit export with block size 32.",
  );
}

/**
 * The float32 weight [N, K] of a MatMulNBits layer, dequantised in the graph from the original bytes: with K a
 * multiple of the block size they are at the same time a row-major UINT4 (or UINT8) matrix.
 */
export function dequantisedWeight(source: QuantisedSource): string {
  const { node, emit } = source;
  const { rows, columns, bits, block, blocks } = layoutOf(node);
  const type = bits === 4 ? DataType.UINT4 : DataType.UINT8;
  const weight = emit.tensor(alias(required(source, 1), "as_matrix", type, [rows, columns]));
  const scales = asFloat(
    emit,
    emit.tensor(alias(required(source, 2), "as_matrix", required(source, 2).dataType, [rows, blocks])),
    required(source, 2),
  );
  const zero = emit.tensor(zeroPoints(source, type, rows, blocks));
  return emit.op("DequantizeLinear", [weight, scales, zero], { axis: 1n, block_size: BigInt(block) });
}

/**
 * Rows `ids` of a MatMulNBits weight in float32, [K rows, K]: the bytes are gathered first and unpacked after,
 * so that the head's whole vocabulary is never dequantised for a few tokens.
 */
export function dequantisedRows(source: QuantisedSource, ids: string): string {
  const { node, emit } = source;
  const { rows, columns, bits, block, blocks } = layoutOf(node);
  const bytes = emit.tensor(
    alias(required(source, 1), "as_bytes", DataType.UINT8, [rows, (columns * bits) / 8]),
  );
  const codes = unpack(emit, emit.op("Gather", [bytes, ids], { axis: 0n }), bits, columns);
  const scaleTensor = required(source, 2);
  const scales = emit.tensor(alias(scaleTensor, "as_matrix", scaleTensor.dataType, [rows, blocks]));
  const scale = asFloat(emit, emit.op("Gather", [scales, ids], { axis: 0n }), scaleTensor);
  const blocked = (tensor: string, width: number) =>
    emit.op("Reshape", [tensor, emit.ints(-1, blocks, width)]);
  const centred = emit.op("Sub", [blocked(codes, block), blocked(zeroRows(source, ids, bits, blocks), 1)]);
  return emit.op("Reshape", [emit.op("Mul", [centred, blocked(scale, 1)]), emit.ints(-1, columns)]);
}

/** Zero points of the rows, [K rows, blocks]; a layer without them is centred on half the range. */
function zeroRows(source: QuantisedSource, ids: string, bits: number, blocks: number): string {
  const { emit, node } = source;
  const given = source.tensor(3);
  if (!given) {
    const middle = makeTensor(
      `dexar/middle/${bits}/${blocks}`,
      DataType.FLOAT,
      [1, blocks],
      new Array<number>(blocks).fill(2 ** (bits - 1)),
    );
    const rows = emit.op("Mul", [emit.op("Cast", [ids], { to: BigInt(DataType.FLOAT) }), emit.scalar(0)]);
    return emit.op("Add", [emit.op("Unsqueeze", [rows, emit.ints(1)]), emit.tensor(middle)]);
  }
  if (given.dataType !== DataType.UINT8) throw unsupported(node, "zero points that are not whole numbers");
  const width = Math.ceil((blocks * bits) / 8);
  const bytes = emit.tensor(alias(given, "as_bytes", DataType.UINT8, [intAttribute(node, "N", 0), width]));
  const codes = unpack(emit, emit.op("Gather", [bytes, ids], { axis: 0n }), bits, (width * 8) / bits);
  return emit.op("Slice", [codes, emit.ints(0), emit.ints(blocks), emit.ints(1)]);
}

/** Bytes [rows, n] to float codes [rows, columns]; of two 4-bit codes in a byte the low one comes first. */
function unpack(emit: Emitter, bytes: string, bits: number, columns: number): string {
  const value = emit.op("Cast", [bytes], { to: BigInt(DataType.FLOAT) });
  if (bits === 8) return value;
  const high = emit.op("Floor", [emit.op("Mul", [value, emit.scalar(1 / 16)])]);
  const low = emit.op("Sub", [value, emit.op("Mul", [high, emit.scalar(16)])]);
  const pair = [low, high].map((part) => emit.op("Unsqueeze", [part, emit.ints(2)]));
  return emit.op("Reshape", [emit.op("Concat", pair, { axis: 2n }), emit.ints(-1, columns)]);
}

function zeroPoints(source: QuantisedSource, type: DataType, rows: number, blocks: number): TensorProto {
  const given = source.tensor(3);
  const bits = type === DataType.UINT4 ? 4 : 8;
  if (!given) {
    const bytes = new Uint8Array(Math.ceil((rows * blocks * bits) / 8)).fill(bits === 4 ? 0x88 : 0x80);
    return makeTensor(`dexar/zero/${bits}/${rows}/${blocks}`, type, [rows, blocks], bytes);
  }
  if (given.dataType !== DataType.UINT8)
    throw unsupported(source.node, "zero points that are not whole numbers");
  // Each row of packed zero points starts on a byte; with an odd number of blocks a UINT4 matrix does not.
  if (bits === 4 && blocks % 2 === 1)
    return makeTensor(
      `${given.name}/repacked`,
      type,
      [rows, blocks],
      repack(source.numbers(3), rows, blocks),
    );
  return alias(given, "as_matrix", type, [rows, blocks]);
}

function repack(bytes: readonly number[], rows: number, blocks: number): Uint8Array<ArrayBuffer> {
  const stride = Math.ceil(blocks / 2);
  const packed = new Uint8Array(Math.ceil((rows * blocks) / 2));
  for (let i = 0; i < rows * blocks; i++) {
    const byte = bytes[Math.floor(i / blocks) * stride + Math.floor((i % blocks) / 2)] ?? 0;
    const code = (i % blocks) % 2 === 0 ? byte & 15 : byte >> 4;
    packed[i >> 1] = (packed[i >> 1] ?? 0) | (code << (i % 2 === 0 ? 0 : 4));
  }
  return packed;
}

function asFloat(emit: Emitter, tensor: string, proto: TensorProto): string {
  return proto.dataType === DataType.FLOAT
    ? tensor
    : emit.op("Cast", [tensor], { to: BigInt(DataType.FLOAT) });
}

/** The same bytes under another type and shape; nothing is copied. */
function alias(
  tensor: TensorProto,
  suffix: string,
  dataType: DataType,
  dims: readonly number[],
): TensorProto {
  const copy = clone(TensorProtoSchema, tensor);
  return Object.assign(copy, { name: `${tensor.name}/${suffix}`, dataType, dims: dims.map(BigInt) });
}

function required(source: QuantisedSource, i: number): TensorProto {
  const tensor = source.tensor(i);
  if (!tensor || tensorDims(tensor).length === 0)
    throw unsupported(source.node, `no constant for input ${i}`);
  return tensor;
}
