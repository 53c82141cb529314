import type { Constants } from "../autodiff/constants.js";
import type { Emitter } from "../autodiff/emitter.js";
import { dequantisedRows } from "../autodiff/quantisedWeight.js";
import type { Decoder } from "../graph/decoder.js";

/** The lens of Eq. 3 for the target tokens alone: one row of the head each, never the whole vocabulary. */
export interface LensRows {
  /** d o / d normed state, for all layers stacked, [1, L * K, hidden]. */
  readonly seed: string;
  /** The same for one layer, [1, K, hidden]. */
  readonly oneLayerSeed: string;
  /** From the stacked normed states [1, L * K, hidden] to o, [L, K]. */
  logits(normed: string): string;
}

/** Emits the head's rows for the token ids in `targets` (int64 [K]). */
export function lensRows(
  decoder: Decoder,
  constants: Constants,
  emit: Emitter,
  targets: string,
  layers: number,
): LensRows {
  const rows = emit.op("Unsqueeze", [headRows(decoder, constants, emit, targets), emit.ints(0)]);
  const seed = emit.op("Tile", [rows, emit.ints(1, layers, 1)]);
  const logits = (normed: string): string => {
    const dot = emit.op("ReduceSum", [emit.op("Mul", [normed, seed]), emit.ints(2)], { keepdims: 0n });
    const byLayer = emit.op("Reshape", [dot, emit.ints(layers, -1)]);
    const { bias } = decoder.head;
    return bias
      ? emit.op("Add", [byLayer, emit.op("Gather", [constants.import(bias), targets], { axis: 0n })])
      : byLayer;
  };
  return { seed, oneLayerSeed: rows, logits };
}

/** [K, hidden] */
function headRows(decoder: Decoder, constants: Constants, emit: Emitter, targets: string): string {
  const { node } = decoder.head;
  if (node.opType === "MatMulNBits") {
    const source = {
      node,
      emit,
      tensor: (i: number) => (node.input[i] ? constants.tensor(node.input[i]) : null),
      numbers: (i: number) => constants.numbers(node.input[i] ?? ""),
    };
    return dequantisedRows(source, targets);
  }
  // The weight lies as [hidden, vocabulary]: a column per token.
  const columns = emit.op("Gather", [constants.import(node.input[1] ?? ""), targets], { axis: 1n });
  return emit.op("Transpose", [columns], { perm: [1n, 0n] });
}
