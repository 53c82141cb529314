import { clone } from "@bufbuild/protobuf";
import {
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  type NodeProto,
  type TensorProto,
} from "onnx-buf";
import { DexarError } from "../errors.js";
import { intAttribute } from "../graph/attributes.js";
import { tensorDims } from "../onnx/index.js";
import type { Emitter } from "./emitter.js";

/** A constant input of the quantised layer: its bytes by reference, and its numbers where they must be read. */
export interface QuantisedSource {
  readonly node: NodeProto;
  readonly emit: Emitter;
  /** Words for messages ("layer 3"). */
  readonly place: string;
  tensor(i: number): TensorProto | null;
  numbers(i: number): readonly number[];
}

/** Shape of a MatMulNBits weight: a matrix [rows, columns] whose rows are cut into blocks with one scale each. */
export interface Layout {
  readonly rows: number;
  /** K. */
  readonly width: number;
  /** Codes of a row: K, filled up to whole blocks. */
  readonly columns: number;
  readonly bits: 4 | 8;
  readonly block: number;
  readonly blocks: number;
}

/**
 * The rows `ids` (int64 [n]) of a MatMulNBits weight in float32, [n, K]: the bytes are gathered first and
 * unpacked after, so that the head's whole vocabulary is never dequantised for a few tokens.
 */
export function dequantisedRows(source: QuantisedSource, ids: string): string {
  const { emit } = source;
  const layout = layoutOf(source);
  const { columns, block, blocks } = layout;
  const blocked = (tensor: string, size: number) => emit.op("Reshape", [tensor, emit.ints(-1, blocks, size)]);
  const scales = required(source, 2);
  const scaleMatrix = emit.tensor(alias(scales, "as_matrix", scales.dataType, [layout.rows, blocks]));
  const scale = asFloat(emit, emit.op("Gather", [scaleMatrix, ids], { axis: 0n }), scales);
  const codes = codeRows(source, required(source, 1), ids, layout, columns);
  const zeros = givenZeroPoints(source);
  const zero = zeros
    ? blocked(zeroRows(source, zeros, ids, layout), 1)
    : emit.scalar(codeWithoutZeroPoints(layout));
  const centred = emit.op("Sub", [blocked(codes, block), zero]);
  const weight = emit.op("Reshape", [emit.op("Mul", [centred, blocked(scale, 1)]), emit.ints(-1, columns)]);
  return withoutFilling(emit, weight, layout);
}

/** The first K columns of [n, columns]. */
export function withoutFilling(emit: Emitter, matrix: string, { width, columns }: Layout): string {
  if (width === columns) return matrix;
  return emit.op("Slice", [matrix, emit.ints(0), emit.ints(width), emit.ints(1)]);
}

/** The zero points of the rows `ids`, as floats. */
function zeroRows(source: QuantisedSource, zeros: TensorProto, ids: string, layout: Layout): string {
  if (isCodes(zeros)) return codeRows(source, zeros, ids, layout, layout.blocks);
  const { emit } = source;
  const matrix = emit.tensor(alias(zeros, "as_matrix", zeros.dataType, [layout.rows, layout.blocks]));
  return asFloat(emit, emit.op("Gather", [matrix, ids], { axis: 0n }), zeros);
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

/**
 * The zero points of a MatMulNBits layer: bytes of packed codes in rows, or floats, one for each block; null where half
 * the range is meant.
 */
export function givenZeroPoints(source: QuantisedSource): TensorProto | null {
  if (!source.node.input[3]) return null;
  const given = required(source, 3);
  if (isCodes(given) || FLOATS.includes(given.dataType)) return given;
  throw unsupported(source, `zero points of type ${DataType[given.dataType] ?? given.dataType}`);
}

const FLOATS: readonly number[] = [DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16];

/** Whether zero points are packed as the codes are. */
export function isCodes({ dataType }: TensorProto): boolean {
  return dataType === DataType.UINT8;
}

/** The code that means 0 in a layer without zero points: half the range. */
export function codeWithoutZeroPoints({ bits }: Layout): number {
  return 2 ** (bits - 1);
}

/** Throws `unsupported-op` for layouts whose bytes are not plain rows. */
export function layoutOf(source: QuantisedSource): Layout {
  const { node } = source;
  const [rows, width] = [intAttribute(node, "N", 0), intAttribute(node, "K", 0)];
  const [bits, block] = [intAttribute(node, "bits", 4), intAttribute(node, "block_size", 0)];
  if (bits !== 4 && bits !== 8) throw unsupported(source, `${bits} bits`);
  if (block <= 0) throw unsupported(source, `block_size ${block}`);
  if (node.input[4]) throw unsupported(source, "a group index (g_idx)");
  const blocks = Math.ceil(width / block);
  return { rows, width, columns: blocks * block, bits, block, blocks };
}

/** The error for a quantised layer of another form. */
export function unsupported({ node, place }: QuantisedSource, why: string): DexarError {
  return new DexarError(
    "unsupported-op",
    `com.microsoft:${node.opType} with ${why} (node ${node.name}) in ${place} is not supported.`,
    "Take another file of the same model: fp32, fp16, q8, or 4 bits in blocks of 32 (q4, q4f16).",
  );
}

/** Input `i`, which must be a constant. */
export function required(source: QuantisedSource, i: number): TensorProto {
  const tensor = source.tensor(i);
  if (!tensor || tensorDims(tensor).length === 0) throw unsupported(source, `no constant for input ${i}`);
  return tensor;
}

/** The same bytes under another type and shape; nothing is copied. */
export function alias(
  tensor: TensorProto,
  suffix: string,
  dataType: DataType,
  dims: readonly number[],
): TensorProto {
  const copy = clone(TensorProtoSchema, tensor);
  return Object.assign(copy, { name: `${tensor.name}/${suffix}`, dataType, dims: dims.map(BigInt) });
}

/** The scales in float32 under another shape. */
export function scalesAs(source: QuantisedSource, dims: readonly number[]): string {
  const scales = required(source, 2);
  return asFloat(
    source.emit,
    source.emit.tensor(alias(scales, `as/${dims.join("x")}`, scales.dataType, dims)),
    scales,
  );
}

/** A tensor in float32. */
export function asFloat(emit: Emitter, tensor: string, proto: TensorProto): string {
  return proto.dataType === DataType.FLOAT
    ? tensor
    : emit.op("Cast", [tensor], { to: BigInt(DataType.FLOAT) });
}
