import { bnb4Rows } from "../autodiff/bnb4Weight.js";
import { dequantisedRows } from "../autodiff/quantisedWeight.js";
import type { Rewriting } from "../autodiff/rowProgram.js";
import { isTransposed } from "../graph/patterns/linear.js";
import type { LensHead } from "../graph/patterns/lensHead.js";

/** The lens of Eq. 3 for the target tokens alone: one row of the head each, never the whole vocabulary. */
export interface LensRows {
  /** d o / d normed state, for all layers stacked, [1, L * K, hidden]. */
  readonly seed: string;
  /** The same for one layer, [1, K, hidden]. */
  readonly oneLayerSeed: string;
  /** From the stacked normed states [1, L * K, hidden] to o, [L, K]. */
  logits(normed: string): string;
}

/** Emits the head's rows for the token ids in `targets` (int64 [K]) and `layers` layers. */
export function lensRows(head: LensHead, rewriting: Rewriting, targets: string, layers: number): LensRows {
  const { emit, constants } = rewriting;
  const rows = emit.op("Unsqueeze", [headRows(head, rewriting, targets), emit.ints(0)]);
  const seed = emit.op("Tile", [rows, emit.ints(1, layers, 1)]);
  const logits = (normed: string): string => {
    const dot = emit.op("ReduceSum", [emit.op("Mul", [normed, seed]), emit.ints(2)], { keepdims: 0n });
    const byLayer = emit.op("Reshape", [dot, emit.ints(layers, -1)]);
    if (head.bias === null) return byLayer;
    const bias = emit.op("Reshape", [constants.gather(head.bias, targets, -1n), emit.ints(-1)]);
    return emit.op("Add", [byLayer, bias]);
  };
  return { seed, oneLayerSeed: rows, logits };
}

const UNPACKED: Readonly<Record<string, typeof dequantisedRows>> = {
  MatMulNBits: dequantisedRows,
  MatMulBnb4: bnb4Rows,
};

/** [K, hidden] */
function headRows({ node }: LensHead, { emit, constants }: Rewriting, targets: string): string {
  const input = (i: number) => node.input[i] ?? "";
  const unpack = UNPACKED[node.opType];
  if (unpack) {
    const tensor = (i: number) => constants.tensor(input(i));
    const place = "the language-model head";
    return unpack({ node, emit, place, tensor, numbers: (i) => constants.numbers(input(i)) }, targets);
  }
  if (isTransposed(node)) return constants.gather(input(1), targets, 0n);
  // The weight lies as [hidden, vocabulary]: a column per token.
  return emit.op("Transpose", [constants.gather(input(1), targets, 1n)], { perm: [1n, 0n] });
}
