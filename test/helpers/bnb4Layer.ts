import { DataType } from "../../src/core/onnx/index.js";
import type { GraphBuilder } from "./graphBuilder.js";

/** How a MatMulBnb4 weight is stored. */
export interface Bnb4 {
  readonly rows: number;
  readonly columns: number;
  readonly block: number;
  readonly kind: "fp4" | "nf4";
  readonly scaleType?: DataType;
}

/** Adds a MatMulBnb4 layer with random bytes from `input` to `output`; constants are named after the output. */
export function bnb4Layer(b: GraphBuilder, input: string, output: string, options: Bnb4): string {
  const { rows, columns, block, kind, scaleType = DataType.FLOAT } = options;
  const weight = b.bytes(`${output}/w`, [(rows * columns) / 2]);
  const blocks = Math.ceil((rows * columns) / block);
  // Powers of two are the same in half precision.
  const scale = Array.from({ length: blocks }, (_, i) => 2 ** -(i % 3));
  const scales = b.constant(`${output}/s`, [blocks], scale, scaleType);
  const attributes = { K: columns, N: rows, block_size: block, quant_type: kind === "nf4" ? 1 : 0 };
  const entries = Object.entries(attributes).map(([name, value]) => [name, BigInt(value)] as const);
  return b.op("com.microsoft:MatMulBnb4", [input, weight, scales], Object.fromEntries(entries), output);
}
