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
        const [low, high] = [codeOf(elements[i], scale), codeOf(elements[i + 1], scale)];
        piece[(block + i) / 2] = low | (high << 4);
      }
    }
    yield piece;
  }
}

/** The scales of {@link codePieces}, float32 [columns, rows / 32]. */
export function* scalePieces(matrix: MatrixValues): Generator<Float32Array> {
  for (let column = 0; column < matrix.columns; column++) {
    yield Float32Array.from({ length: matrix.rows / BLOCK }, (_, block) =>
      scaleOf(blockOf(matrix, column, block * BLOCK)),
    );
  }
}

const elements = new Float32Array(BLOCK);

function blockOf({ columns, values }: MatrixValues, column: number, from: number): Float32Array {
  for (let i = 0; i < BLOCK; i++) elements[i] = values.at((from + i) * columns + column);
  return elements;
}

function scaleOf(block: Float32Array): number {
  let largest = 0;
  for (const value of block) largest = Math.max(largest, Math.abs(value));
  return Math.fround(largest / 7);
}

function codeOf(value: number | undefined, scale: number): number {
  return Math.round((value ?? 0) / scale) + 8;
}
