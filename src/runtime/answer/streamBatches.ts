import type { StreamedArray } from "../../core/run/streamedArray.js";
import type { CapturedBatch, CaptureShape } from "./capture.js";

/** The gradients of several batches as a run file has them, read while it is written. */
export interface StreamedGradients {
  /** [T, L, H, P] */
  readonly gradient: StreamedArray;
  /** [T, H, P] */
  readonly gradientReferenceLast: StreamedArray;
  /** [T, L] */
  readonly lensLogit: Float32Array;
}

/** Puts batches together one token at a time; positions that a batch did not have are zero. */
export function streamBatches(
  batches: readonly CapturedBatch[],
  { layers, heads }: Pick<CaptureShape, "layers" | "heads">,
  positions: number,
): StreamedGradients {
  const tokens = batches.reduce((sum, batch) => sum + batch.count, 0);
  const stream = (of: (batch: CapturedBatch) => Float32Array, rows: number): StreamedArray => ({
    length: tokens * rows * positions,
    *pieces() {
      for (const batch of batches) yield* widen(of(batch), batch, rows, positions);
    },
  });
  return {
    gradient: stream((batch) => batch.gradient, layers * heads),
    gradientReferenceLast: stream((batch) => batch.referenceLast, heads),
    lensLogit: Float32Array.from(batches.flatMap((batch) => Array.from(batch.lens))),
  };
}

/** A batch's tokens, each as [rows, positions]. @param values [count, rows, the batch's positions] */
function* widen(
  values: Float32Array,
  { count, positions: given }: CapturedBatch,
  rows: number,
  positions: number,
): Generator<Float32Array> {
  for (let token = 0; token < count; token++) {
    const wide = new Float32Array(rows * positions);
    for (let row = 0; row < rows; row++) {
      const from = (token * rows + row) * given;
      wide.set(values.subarray(from, from + given), row * positions);
    }
    yield wide;
  }
}
