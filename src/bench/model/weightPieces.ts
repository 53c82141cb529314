import { numberToFloat16 } from "../../core/tensor/float16.js";
import type { RandomValues } from "./randomWeights.js";

/** Elements held in memory at a time. */
const PIECE = 1 << 18;

/** float32 elements `0 … count - 1`, piece by piece. */
export function* float32Pieces(values: RandomValues, count: number): Generator<Float32Array> {
  for (let from = 0; from < count; from += PIECE) {
    const piece = new Float32Array(Math.min(PIECE, count - from));
    for (let i = 0; i < piece.length; i++) piece[i] = values.at(from + i);
    yield piece;
  }
}

/** The same in half precision. */
export function* float16Pieces(values: RandomValues, count: number): Generator<Uint16Array> {
  for (const piece of float32Pieces(values, count)) yield Uint16Array.from(piece, numberToFloat16);
}

/** Elements that share one scale in a 4-bit weight. */
export const BLOCK = 32;

/** A weight [rows, columns] whose element (row, column) is number `row * columns + column`. */
export interface MatrixValues {
  readonly rows: number;
  readonly columns: number;
  readonly values: RandomValues;
}

/**
 * The 4-bit codes of the transpose, [columns, rows / 32, 16] as MatMulNBits reads them: two codes to a byte, the low
 * one first, code 8 is zero.
 */
export function* codePieces(matrix: MatrixValues): Generator<Uint8Array> {
  const { rows, columns } = matrix;
  for (let column = 0; column < columns; column++) {
    const piece = new Uint8Array(rows / 2);
    for (let block = 0; block < rows; block += BLOCK) {
      const elements = blockOf(matrix, column, block);
      const scale = scaleOf(elements);
      for (let i = 0; i < BLOCK; i += 2) {
        piece[(block + i) >> 1] = codeOf(elements[i], scale) | (codeOf(elements[i + 1], scale) << 4);
      }
    }
    yield piece;
  }
}

/** The scales of {@link codePieces}, element by element of [columns, rows / 32]. */
export function blockScales(matrix: MatrixValues): RandomValues {
  const blocks = matrix.rows / BLOCK;
  return { at: (index) => scaleOf(blockOf(matrix, Math.floor(index / blocks), (index % blocks) * BLOCK)) };
}

/** The codes -127 … 127 of a weight, int8 [rows, columns]. */
export function* bytePieces(matrix: MatrixValues): Generator<Int8Array> {
  const scale = byteScale(matrix);
  for (const piece of float32Pieces(matrix.values, matrix.rows * matrix.columns)) {
    yield Int8Array.from(piece, (value) => Math.round(value / scale));
  }
}

/** The one scale of {@link bytePieces}. */
export function* byteScalePieces(matrix: MatrixValues): Generator<Float32Array> {
  yield Float32Array.of(byteScale(matrix));
}

function byteScale({ rows, columns, values }: MatrixValues): number {
  let largest = 0;
  for (let i = 0; i < rows * columns; i++) largest = Math.max(largest, Math.abs(values.at(i)));
  return Math.fround(largest / 127);
}

const elements = new Float32Array(BLOCK);

function blockOf({ columns, values }: MatrixValues, column: number, from: number): Float32Array {
  for (let i = 0; i < BLOCK; i++) elements[i] = values.at((from + i) * columns + column);
  return elements;
}

function scaleOf(block: Float32Array): number {
  let largest = 0;
  // Thousands of millions of weights go through here: a counted loop is faster than one over the values.
  for (let i = 0; i < BLOCK; i++) largest = Math.max(largest, Math.abs(block[i] ?? 0));
  return Math.fround(largest / 7);
}

function codeOf(value: number | undefined, scale: number): number {
  return Math.floor((value ?? 0) / scale + 8.5);
}
