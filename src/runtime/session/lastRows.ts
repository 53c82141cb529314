import type { Tensor } from "onnxruntime-node";
import { float16ToNumber } from "../../core/tensor/float16.js";

/** The last rows of [1, S, vocabulary] logits in float32, [rows, vocabulary]. */
export function lastRows(logits: Tensor, rows: number): Float32Array {
  const vocabulary = logits.dims[2] as number;
  const data = logits.data as Float32Array | Uint16Array;
  const tail = data.subarray(Math.max(0, data.length - rows * vocabulary));
  return tail instanceof Float32Array ? tail : Float32Array.from(tail, float16ToNumber);
}
