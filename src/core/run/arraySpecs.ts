import type { StoredAttribution } from "../attribution/types.js";
import type { NpyType } from "../tensor/npy.js";
import type { StreamedArray, StreamedRun } from "./streamedArray.js";
import type { Run, RunInfo } from "./types.js";

/** A run and its explanation, as they lie in a run file. */
export interface StoredRun {
  readonly run: Run;
  readonly attribution: StoredAttribution;
}

/** One array of a run file: the entry `<name>.npy`. */
export interface ArraySpec {
  readonly type: NpyType;
  readonly shape: readonly number[];
  readonly data: (stored: {
    readonly run: StreamedRun;
    readonly attribution: StoredAttribution;
  }) => Float32Array | Int32Array | StreamedArray | null;
}

/** Names of a run file's arrays; the two that may be missing come first, so that a cut directory is noticed. */
export const ARRAY_NAMES = [
  "gradient",
  "gradient_reference_last",
  "input_ids",
  "image_positions",
  "lens_logit",
  "score_image",
  "score_text",
  "head_weight",
  "token_heatmap",
  "token_heatmap_unfiltered",
  "token_weight",
  "sequence_heatmap",
  "sequence_heatmap_unfiltered",
] as const;
export type ArrayName = (typeof ARRAY_NAMES)[number];

/** Type and shape of every array, as run.json implies them. */
export function arraySpecs(info: RunInfo): Readonly<Record<ArrayName, ArraySpec>> {
  const T = info.tokens.length;
  const S = info.prompt.tokens.length;
  const N = info.cells.length;
  const { layers: L, heads: H } = info.model;
  const P = Math.max(0, S + T - 1);
  const spec = (type: NpyType, shape: number[], data: ArraySpec["data"]): ArraySpec => ({
    type,
    shape,
    data,
  });
  return {
    gradient: spec("<f4", [T, L, H, P], ({ run }) => run.arrays.gradient),
    gradient_reference_last: spec("<f4", [T, H, P], ({ run }) => run.arrays.gradientReferenceLast),
    input_ids: spec("<i8", [S + T], ({ run }) => run.arrays.inputIds),
    image_positions: spec("<i4", [N], ({ run }) => run.arrays.imagePositions),
    lens_logit: spec("<f4", [T, L], ({ run }) => run.arrays.lensLogit),
    score_image: spec("<f4", [T, L, H], ({ attribution }) => attribution.scoreImage),
    score_text: spec("<f4", [T, L, H], ({ attribution }) => attribution.scoreText),
    head_weight: spec("<f4", [T, L, H], ({ attribution }) => attribution.headWeight),
    token_heatmap: spec("<f4", [T, N], ({ attribution }) => attribution.tokenHeatmap),
    token_heatmap_unfiltered: spec("<f4", [T, N], ({ attribution }) => attribution.tokenHeatmapUnfiltered),
    token_weight: spec("<f4", [T], ({ attribution }) => attribution.tokenWeight),
    sequence_heatmap: spec("<f4", [N], ({ attribution }) => attribution.sequenceHeatmap),
    sequence_heatmap_unfiltered: spec("<f4", [N], ({ attribution }) => attribution.sequenceHeatmapUnfiltered),
  };
}
