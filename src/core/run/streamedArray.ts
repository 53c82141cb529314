import type { Run, RunArrays } from "./types.js";

/** A float32 array in C order that is read piece by piece, again each time: too large to be held whole. */
export interface StreamedArray {
  readonly length: number;
  pieces(): Iterable<Float32Array>;
}

/** A run whose gradients may lie elsewhere than in memory, ready to be written. */
export interface StreamedRun extends Omit<Run, "arrays"> {
  readonly arrays: Omit<RunArrays, "gradient" | "gradientReferenceLast"> & {
    readonly gradient: Float32Array | StreamedArray | null;
    readonly gradientReferenceLast: Float32Array | StreamedArray | null;
  };
}
