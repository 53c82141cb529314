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

/** Shape of a MatMulNBits weight: a matrix [rows, columns] whose rows are cut into blocks with one scale each. */
interface Layout {
  readonly rows: number;
  readonly columns: number;
  readonly bits: 4 | 8;
  readonly block: number;
  readonly blocks: number;
}

/**
 * The float32 weight [N, K] of a MatMulNBits layer, dequantised in the graph from the original bytes: with K a
 * multiple of the block size they are at the same time a row-major UINT4 (or UINT8) matrix.
 */
export function dequantisedWeight(source: QuantisedSource): string {
  const { emit } = source;
  const layout = layoutOf(source.node);
  const { rows, columns, bits, block, blocks } = layout;
  const type = bits === 4 ? DataType.UINT4 : DataType.UINT8;
  const weight = emit.tensor(alias(required(source, 1), "as_matrix", type, [rows, columns]));
  const scales = required(source, 2);
  const scale = asFloat(
    emit,
    emit.tensor(alias(scales, "as_matrix", scales.dataType, [rows, blocks])),
    scales,
  );
  const zero = emit.tensor(zeroMatrix(source, type, layout));
  return emit.op("DequantizeLinear", [weight, scale, zero], { axis: 1n, block_size: BigInt(block) });
}

/**
 * The rows `ids` (int64 [n]) of a MatMulNBits weight in float32, [n, K]: the bytes are gathered first and
 * unpacked after, so that the head's whole vocabulary is never dequantised for a few tokens.
 */
export function dequantisedRows(source: QuantisedSource, ids: string): string {
  const { emit } = source;
  const layout = layoutOf(source.node);
  const { columns, block, blocks } = layout;
  const blocked = (tensor: string, size: number) => emit.op("Reshape", [tensor, emit.ints(-1, blocks, size)]);
  const scales = required(source, 2);
  const scaleMatrix = emit.tensor(alias(scales, "as_matrix", scales.dataType, [layout.rows, blocks]));
  const scale = asFloat(emit, emit.op("Gather", [scaleMatrix, ids], { axis: 0n }), scales);
  const codes = codeRows(source, required(source, 1), ids, layout, columns);
  const zeros = givenZeroPoints(source);
  // A layer without zero points is centred on half the range.
  const zero = zeros
    ? blocked(codeRows(source, zeros, ids, layout, blocks), 1)
    : emit.scalar(2 ** (layout.bits - 1));
  const centred = emit.op("Sub", [blocked(codes, block), zero]);
  return emit.op("Reshape", [emit.op("Mul", [centred, blocked(scale, 1)]), emit.ints(-1, columns)]);
}

/** Rows `ids` of a packed matrix of `width` codes a row, as floats; each row begins on a byte. */
function codeRows(
  source: QuantisedSource,
  packed: TensorProto,
  ids: string,
  layout: Layout,
  width: number,
): string {
  const { emit } = source;
  const { rows, bits } = layout;
  const stride = Math.ceil((width * bits) / 8);
  const matrix = emit.tensor(alias(packed, "as_bytes", DataType.UINT8, [rows, stride]));
  const bytes = emit.op("Gather", [matrix, ids], { axis: 0n });
  const value = emit.op("Cast", [bytes], { to: BigInt(DataType.FLOAT) });
  if (bits === 8) return value;
  const codes = halfBytes(emit, value, 2 * stride);
  return 2 * stride === width
    ? codes
    : emit.op("Slice", [codes, emit.ints(0), emit.ints(width), emit.ints(1)]);
}

/** Bytes [n, count / 2] to their 4-bit codes [n, count]; of two in a byte the low one comes first. */
function halfBytes(emit: Emitter, bytes: string, count: number): string {
  const high = emit.op("Floor", [emit.op("Mul", [bytes, emit.scalar(1 / 16)])]);
  const low = emit.op("Sub", [bytes, emit.op("Mul", [high, emit.scalar(16)])]);
  const pair = [low, high].map((part) => emit.op("Unsqueeze", [part, emit.ints(2)]));
  return emit.op("Reshape", [emit.op("Concat", pair, { axis: 2n }), emit.ints(-1, count)]);
}

/** The zero points as a matrix [rows, blocks] of the weight's type; half the range where none are given. */
function zeroMatrix(source: QuantisedSource, type: DataType, { rows, blocks, bits }: Layout): TensorProto {
  const given = givenZeroPoints(source);
  if (!given) {
    const bytes = new Uint8Array(Math.ceil((rows * blocks * bits) / 8)).fill(bits === 4 ? 0x88 : 0x80);
    return makeTensor(`dexar/zero/${bits}/${rows}/${blocks}`, type, [rows, blocks], bytes);
  }
  // Each row of packed zero points starts on a byte; with an odd number of blocks a UINT4 matrix does not.
  if (bits === 4 && blocks % 2 === 1) {
    return makeTensor(
      `${given.name}/repacked`,
      type,
      [rows, blocks],
      repack(source.numbers(3), rows, blocks),
    );
  }
  return alias(given, "as_matrix", type, [rows, blocks]);
}

function givenZeroPoints(source: QuantisedSource): TensorProto | null {
  if (!source.node.input[3]) return null;
  const given = required(source, 3);
  if (given.dataType !== DataType.UINT8)
    throw unsupported(source.node, "zero points that are not whole numbers");
  return given;
}

/** Drops the unused half byte at the end of each row. */
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

/** Throws `unsupported-op` for layouts whose bytes are not plain rows. */
function layoutOf(node: NodeProto): Layout {
  const [rows, columns] = [intAttribute(node, "N", 0), intAttribute(node, "K", 0)];
  const [bits, block] = [intAttribute(node, "bits", 4), intAttribute(node, "block_size", 0)];
  if (bits !== 4 && bits !== 8) throw unsupported(node, `${bits} bits`);
  if (columns % block !== 0) throw unsupported(node, `K = ${columns}, no multiple of block_size = ${block},`);
  if (node.input[4]) throw unsupported(node, "a group index (g_idx)");
  return { rows, columns, bits, block, blocks: columns / block };
}

function unsupported(node: NodeProto, why: string): DexarError {
  return new DexarError(
    "unsupported-op",
    `com.microsoft:MatMulNBits with ${why} (node ${node.name}) is not supported.`,
    "Use the fp32, fp16 or a 4-bit export with block size 32.",
  );
}

function required(source: QuantisedSource, i: number): TensorProto {
  const tensor = source.tensor(i);
  if (!tensor || tensorDims(tensor).length === 0)
    throw unsupported(source.node, `no constant for input ${i}`);
  return tensor;
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

function asFloat(emit: Emitter, tensor: string, proto: TensorProto): string {
  return proto.dataType === DataType.FLOAT
    ? tensor
    : emit.op("Cast", [tensor], { to: BigInt(DataType.FLOAT) });
}
