import { TensorProto_DataType as DataType } from "onnx-buf";
import type { Emitter } from "../autodiff/emitter.js";
import type { Attention } from "../graph/patterns/attention.js";

/**
 * Emits dA[k, i, j] = < v_j, dz[k, i] >, v_j the value of position j of the head that i shares.
 * @param cache the value cache, [1, kvHeads, P, headSize]
 * @param dz gradient of the heads' outputs, [1, K, heads * headSize]
 * @returns [K, 1, heads, P]
 */
export function headGradient(emit: Emitter, attention: Attention, cache: string, dz: string): string {
  const { heads, kvHeads, headSize } = attention;
  const groups = heads / kvHeads;
  const values = emit.op("Squeeze", [emit.op("Cast", [cache], { to: BigInt(DataType.FLOAT) }), emit.ints(0)]);
  // The small operand is transposed, never the cache: [K, kv, group, size] -> [kv, size, K, group].
  const grouped = emit.op("Reshape", [dz, emit.ints(-1, kvHeads, groups, headSize)]);
  const columns = emit.op("Transpose", [grouped], { perm: [1n, 3n, 0n, 2n] });
  const product = emit.op("MatMul", [
    values,
    emit.op("Reshape", [columns, emit.ints(kvHeads, headSize, -1)]),
  ]);
  // [kv, P, K, group] -> [K, kv, group, P]
  const split = emit.op("Reshape", [product, emit.ints(0, 0, -1, groups)]);
  const ordered = emit.op("Transpose", [split], { perm: [2n, 0n, 3n, 1n] });
  return emit.op("Reshape", [ordered, emit.ints(0, 1, heads, -1)]);
}
