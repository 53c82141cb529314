import { DataType } from "../../src/core/onnx/index.js";
import type { GraphBuilder } from "./graphBuilder.js";

/** How a MatMulNBits weight is stored; blocks of 16. */
export interface NBits {
  readonly bits: number;
  readonly rows: number;
  readonly blocks: number;
  /** Packed as the codes are, or floats of their own. */
  readonly zeroPoints?: boolean | "floats";
  readonly scaleType?: DataType;
  /** Scales in one dimension, as older exporters write them. */
  readonly flat?: boolean;
  readonly bias?: boolean;
  /** How many values the last block of a row has too much. */
  readonly unfilled?: number;
}

const BLOCK = 16;

/** Adds a MatMulNBits layer with random bytes from `input` to `output`; constants are named after the output. */
export function nBitsLayer(b: GraphBuilder, input: string, output: string, options: NBits): string {
  const { bits, rows, blocks, scaleType = DataType.FLOAT } = options;
  const weight = b.bytes(`${output}/w`, [rows, blocks, (BLOCK * bits) / 8]);
  // Powers of two are the same in half precision.
  const scale = Array.from({ length: rows * blocks }, (_, i) => 2 ** -(2 + (i % 3)) * (i % 4 === 3 ? -1 : 1));
  const scales = b.constant(`${output}/s`, options.flat ? [rows * blocks] : [rows, blocks], scale, scaleType);
  const zeros = zeroPoints(b, output, options);
  const bias = options.bias ? ["", b.constant(`${output}/b`, [rows])] : [];
  return b.op(
    "com.microsoft:MatMulNBits",
    [input, weight, scales, zeros, ...bias],
    {
      K: BigInt(blocks * BLOCK - (options.unfilled ?? 0)),
      N: BigInt(rows),
      bits: BigInt(bits),
      block_size: BigInt(BLOCK),
      // Rounds the activations on the CPU: the emitted graphs must not.
      accuracy_level: 4n,
    },
    output,
  );
}

function zeroPoints(
  b: GraphBuilder,
  output: string,
  { bits, rows, blocks, zeroPoints: kind, scaleType }: NBits,
): string {
  if (kind === "floats") {
    const values = Array.from({ length: rows * blocks }, (_, i) => 2 ** (bits - 1) + 0.25 * ((i % 7) - 3));
    return b.constant(`${output}/z`, [rows, blocks], values, scaleType ?? DataType.FLOAT);
  }
  return kind ? b.bytes(`${output}/z`, [rows * Math.ceil((blocks * bits) / 8)]) : "";
}
