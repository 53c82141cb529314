import type { BenchDtype, BenchShape } from "./shapes.js";

/** Files larger than this are not built: loading them takes more memory than most machines have. */
export const LARGEST_FILES = 8e9;

/** Bits of a weight of a linear layer, scales included, and of one of the token embedding. */
const BITS: Readonly<Record<BenchDtype, readonly [linear: number, embedding: number]>> = {
  fp32: [32, 32],
  fp16: [16, 16],
  q4: [5, 32],
  q8: [8, 32],
  q4f16: [4.5, 16],
};

/** Bytes of the files of a built model; norms, biases, rotary tables and vision encoder, less than 2 %, apart. */
export function filesBytes(shape: BenchShape, dtype: BenchDtype): number {
  const { layers, hidden, heads, kvHeads, headSize, mlp, vocabulary } = shape;
  const attention = hidden * headSize * (2 * heads + 2 * kvHeads);
  const linear = layers * (attention + 3 * hidden * mlp) + hidden * vocabulary;
  const [linearBits, embeddingBits] = BITS[dtype];
  return (linear * linearBits + hidden * vocabulary * embeddingBits) / 8;
}
