import { TensorProto_DataType as DataType } from "onnx-buf";
import type { Emitter } from "../autodiff/emitter.js";
import type { Attention } from "../graph/patterns/attention.js";

/** A layer's value cache, [1, kvHeads, P, headSize]. */
export interface ValueCache {
  readonly name: string;
  /** Whether it is float16. */
  readonly half: boolean;
}

/**
 * Emits dA[k, i, j] = < v_j, dz[k, i] >, v_j the value of position j of the head that i shares. Only small operands
 * and results are transposed, never the cache.
 * @param dz gradient of the heads' outputs, [1, K, heads * headSize]
 * @param output name for the result, [K, kvHeads, heads of each, P]
 */
export function headGradient(
  emit: Emitter,
  attention: Attention,
  cache: ValueCache,
  dz: string,
  output: string,
): void {
  const { heads, kvHeads, headSize } = attention;
  const groups = heads / kvHeads;
  const float = cache.half ? emit.op("Cast", [cache.name], { to: BigInt(DataType.FLOAT) }) : cache.name;
  const values = emit.op("Squeeze", [float, emit.ints(0)]);
  const grouped = emit.op("Reshape", [dz, emit.ints(-1, kvHeads, groups, headSize)]);
  const shape = { kvHeads, groups, headSize };
  if (emit.device === "cpu") rowsTimesValues(emit, values, grouped, shape, output);
  else valuesTimesRows(emit, values, grouped, shape, output);
}

type Shape = Readonly<Record<"kvHeads" | "groups" | "headSize", number>>;

/** [kv, P, size] and [K, kv, group, size] to [K, kv, group, P], whose transposition moves whole rows of positions. */
function rowsTimesValues(emit: Emitter, values: string, grouped: string, shape: Shape, output: string): void {
  const { kvHeads, groups, headSize } = shape;
  const byHead = emit.op("Transpose", [grouped], { perm: [1n, 0n, 2n, 3n] });
  const rows = emit.op("Reshape", [byHead, emit.ints(kvHeads, -1, headSize)]);
  const product = emit.op("FusedMatMul", [rows, values], { transB: 1n }, "com.microsoft");
  const positions = emit.op("Shape", [values], { start: 1n, end: 2n });
  const split = emit.op("Concat", [emit.ints(kvHeads, -1, groups), positions], { axis: 0n });
  emit.node("Transpose", [emit.op("Reshape", [product, split])], [output], { perm: [1n, 0n, 2n, 3n] });
}

/** The same where no product takes its second operand transposed (WebGPU). */
function valuesTimesRows(emit: Emitter, values: string, grouped: string, shape: Shape, output: string): void {
  const { kvHeads, groups, headSize } = shape;
  const columns = emit.op("Transpose", [grouped], { perm: [1n, 3n, 0n, 2n] });
  const product = emit.op("MatMul", [
    values,
    emit.op("Reshape", [columns, emit.ints(kvHeads, headSize, -1)]),
  ]);
  // [kv, P, K, group] -> [K, kv, group, P]
  const split = emit.op("Reshape", [product, emit.ints(0, 0, -1, groups)]);
  emit.node("Transpose", [split], [output], { perm: [2n, 0n, 3n, 1n] });
}
