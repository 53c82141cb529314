import { TensorProto_DataType as DataType, type TensorProto } from "onnx-buf";
import { makeTensor } from "../onnx/index.js";
import type { Emitter } from "./emitter.js";
import {
  alias,
  asFloat,
  codeWithoutZeroPoints,
  givenZeroPoints,
  isCodes,
  layoutOf,
  required,
  scalesAs,
  withoutFilling,
  type Layout,
  type QuantisedSource,
} from "./quantisedWeight.js";

/**
 * Emits `rows` [n, N] times the weight [N, K] of a MatMulNBits layer, [n, K]. The weight is dequantised in the
 * graph from the original bytes: with K a multiple of the block size they are at the same time row-major codes.
 */
export function timesQuantised(source: QuantisedSource, rows: string): string {
  const layout = layoutOf(source);
  const product =
    source.emit.device === "cpu"
      ? timesBlocks(source, layout, rows)
      : source.emit.op("Gemm", [rows, blockedWeight(source, layout)]);
  const zeros = givenZeroPoints(source);
  const whole = zeros === null || isCodes(zeros) ? product : lessZeros(source, layout, rows, product, zeros);
  return withoutFilling(source.emit, whole, layout);
}

/** Zero points that are floats, (code - zero) scale = code scale - zero scale: the latter is the same all over a block. */
function lessZeros(
  source: QuantisedSource,
  { rows: count, columns, block, blocks }: Layout,
  rows: string,
  product: string,
  zeros: TensorProto,
): string {
  const { emit } = source;
  const dims = [count, blocks];
  const zero = asFloat(emit, emit.tensor(alias(zeros, "as_matrix", zeros.dataType, dims)), zeros);
  const sums = emit.op("Gemm", [rows, emit.op("Mul", [zero, scalesAs(source, dims)])]);
  const wide = emit.op("Expand", [emit.op("Unsqueeze", [sums, emit.ints(2)]), emit.ints(1, 1, block)]);
  return emit.op("Sub", [product, emit.op("Reshape", [wide, emit.ints(-1, columns)])]);
}

/** The code that stands for 0 where zero points are no codes. */
function plainZero(given: TensorProto | null, layout: Layout): number {
  return given === null ? codeWithoutZeroPoints(layout) : 0;
}

/**
 * ONNX Runtime's CPU kernel for 4-bit codes in blocks goes code by code. Taken as rows of one block each, with one
 * scale a row, the same codes are dequantised in vectors (0.3 against 2.3 ns a code); for that the two codes of a
 * byte must lie apart, and so do the even and the odd columns of the product. To the bit the same weights.
 */
function timesBlocks(source: QuantisedSource, layout: Layout, rows: string): string {
  const { emit } = source;
  const { columns, bits, block } = layout;
  const bytes = alias(required(source, 1), "as_blocks", DataType.UINT8, [
    layout.rows * layout.blocks,
    (block * bits) / 8,
  ]);
  const scale = scalesAs(source, [layout.rows * layout.blocks]);
  const zero = zeroOfBlocks(source, layout);
  const codes = bits === 8 ? [emit.tensor(bytes)] : lowAndHigh(emit, emit.tensor(bytes));
  const products = codes.map((part) => {
    const blocks = emit.op("DequantizeLinear", [part, scale, zero], { axis: 0n });
    const weight = emit.op("Reshape", [blocks, emit.ints(layout.rows, columns / codes.length)]);
    return emit.op("Gemm", [rows, weight]);
  });
  const [only = ""] = products;
  return products.length === 1
    ? only
    : emit.op("Reshape", [interleaved(emit, products, columns), emit.ints(-1, columns)]);
}

/**
 * Bytes to their low and their high codes, as bytes again. The quantised sum rounds to the nearest whole number in
 * vectors, which the bit operators do not: (b - 8) / 15.95 lies nearest to the high code of every byte b, with
 * rounding errors far off the middle (and -0.5016, for b = 0, is held at 0).
 */
function lowAndHigh(emit: Emitter, bytes: string): [low: string, high: string] {
  const byte = (value: number) =>
    emit.tensor(makeTensor(`dexar/byte/${value}`, DataType.UINT8, [], Uint8Array.of(value)));
  const one = emit.scalar(1);
  const sum = (inputs: readonly string[]) => emit.op("QLinearAdd", inputs, {}, "com.microsoft");
  const high = sum([bytes, one, byte(8), byte(0), one, byte(0), emit.scalar(15.95), byte(0)]);
  const low = sum([bytes, one, byte(0), high, emit.scalar(-16), byte(0), one, byte(0)]);
  return [low, high];
}

/** Two matrices [n, columns / 2] to [n, columns / 2, 2]: their columns in turn. */
function interleaved(emit: Emitter, parts: readonly string[], columns: number): string {
  const joined = emit.op("Concat", parts, { axis: 1n });
  const apart = emit.op("Reshape", [joined, emit.ints(-1, 2, columns / 2)]);
  return emit.op("Transpose", [apart], { perm: [0n, 2n, 1n] });
}

/** One zero point for each block, uint8 [rows * blocks]; half the range where none are given, 0 where they are floats. */
function zeroOfBlocks(source: QuantisedSource, layout: Layout): string {
  const { emit } = source;
  const { rows, blocks, bits } = layout;
  const given = givenZeroPoints(source);
  const count = rows * blocks;
  if (!given || !isCodes(given)) {
    const code = plainZero(given, layout);
    const all = new Uint8Array(count).fill(code);
    return emit.tensor(makeTensor(`dexar/zero/${bits}/${code}/${count}`, DataType.UINT8, [count], all));
  }
  if (bits === 8) return emit.tensor(alias(given, "as_blocks", DataType.UINT8, [count]));
  // Each row of packed zero points starts on a byte: with an odd number of blocks its last half byte means nothing.
  const stride = Math.ceil(blocks / 2);
  const packed = emit.tensor(alias(given, "as_blocks", DataType.UINT8, [rows, stride]));
  const codes = emit.op("Reshape", [
    interleaved(emit, lowAndHigh(emit, packed), 2 * stride),
    emit.ints(rows, 2 * stride),
  ]);
  const own = emit.op("Slice", [codes, emit.ints(0), emit.ints(blocks), emit.ints(1)]);
  return emit.op("Reshape", [own, emit.ints(count)]);
}

/** The weight [N, K] by the operator made for it, which devices other than the CPU have a fast kernel for. */
function blockedWeight(source: QuantisedSource, layout: Layout): string {
  const { emit } = source;
  const { rows, columns, bits, block, blocks } = layout;
  const type = bits === 4 ? DataType.UINT4 : DataType.UINT8;
  const weight = emit.tensor(alias(required(source, 1), "as_matrix", type, [rows, columns]));
  const zero = emit.tensor(zeroMatrix(source, type, layout));
  return emit.op("DequantizeLinear", [weight, scalesAs(source, [rows, blocks]), zero], {
    axis: 1n,
    block_size: BigInt(block),
  });
}

/** The same as a matrix [rows, blocks] of the weight's type. */
function zeroMatrix(source: QuantisedSource, type: DataType, layout: Layout): TensorProto {
  const { rows, blocks, bits } = layout;
  const given = givenZeroPoints(source);
  if (!given || !isCodes(given)) {
    const code = plainZero(given, layout);
    const bytes = new Uint8Array(Math.ceil((rows * blocks * bits) / 8)).fill(bits === 4 ? 17 * code : code);
    return makeTensor(`dexar/zero/${bits}/${code}/${rows}/${blocks}`, type, [rows, blocks], bytes);
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
