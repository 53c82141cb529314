import type { PromptToken } from "../run/types.js";

/**
 * What the arithmetic after dA needs. S prompt positions, T tokens, L layers, H heads, N image tokens.
 * Token t (0-based) is predicted at position S - 1 + firstToken + t.
 */
export interface AttributionInput {
  readonly layers: number;
  readonly heads: number;
  /** Signed dA [T, L, H, P], P = S + firstToken + T - 1. */
  readonly gradient: Float32Array;
  /** dA of the last layer with the final norm applied twice [T, H, P]; needed by the `reference` preset. */
  readonly gradientReferenceLast: Float32Array | null;
  /** [N] prompt positions, ascending. */
  readonly imagePositions: Int32Array;
  /** S */
  readonly promptLength: number;
  /** [S] */
  readonly kinds: readonly PromptToken["kind"][];
  /** [firstToken + T], true for end-of-sequence tokens: one flag per answer token so far. */
  readonly stops: readonly boolean[];
  /** `encoder`: the attention is to an encoder, which has no answer tokens: they are in no text set. */
  readonly attends?: "encoder";
  /** Answer tokens before the first one here: 0 for a whole run, more when a batch is explained live. */
  readonly firstToken?: number;
}

/** One token's gradients, shaped like its row of a run. */
export interface TokenGradient {
  /** Signed dA [L, H, P] */
  readonly gradient: Float32Array;
  /** [H, P]; null when the run has none. */
  readonly gradientReferenceLast: Float32Array | null;
}

/** The arrays of an explanation that the run file keeps. */
export interface StoredAttribution {
  /** S_img [T, L, H] (Eq. 4), for every layer. */
  readonly scoreImage: Float32Array;
  /** S_text [T, L, H] (Eq. 4), for every layer. */
  readonly scoreText: Float32Array;
  /** w [T, L, H] (Eq. 5) as used: after overrides, 0 outside the layer range. */
  readonly headWeight: Float32Array;
  /** E [T, N] (Eq. 5); between 0 and 1 under the `reference` preset. */
  readonly tokenHeatmap: Float32Array;
  /** The same with w = 1 [T, N]. */
  readonly tokenHeatmapUnfiltered: Float32Array;
  /** delta [T] (Eq. 6). */
  readonly tokenWeight: Float32Array;
  /** [N] (Eq. 6); between 0 and 1 under the `reference` preset. */
  readonly sequenceHeatmap: Float32Array;
  /** The same with w = 1 and delta = 1 [N]. */
  readonly sequenceHeatmapUnfiltered: Float32Array;
}

/** The place that decided one side of delta. */
export interface ScoreWinner {
  readonly layer: number;
  readonly head: number;
  /** The position with the largest gradient in that head. */
  readonly position: number;
  readonly score: number;
}

/** Why a token has its weight: who won each side of Eq. 6; null when nothing on that side scored above 0. */
export interface TokenReason {
  readonly image: ScoreWinner | null;
  readonly text: ScoreWinner | null;
}

/** An explanation with its reasons. */
export interface Attribution extends StoredAttribution {
  /** Image position that won S_img [T, L, H], -1 where S_img is 0. */
  readonly imageWinner: Int32Array;
  /** Text position that won S_text [T, L, H], -1 where S_text is 0 or the text set is empty. */
  readonly textWinner: Int32Array;
  /** [T] */
  readonly reasons: readonly TokenReason[];
  /** Each layer's part of the token's heatmap [T, L]; sums to 1, all 0 for an empty map. */
  readonly layerShare: Float32Array;
}

/** Maps made of the heads that the filter dropped, each weighing 1. */
export interface DroppedMaps {
  /** [T, N] */
  readonly tokenHeatmap: Float32Array;
  /** [N] */
  readonly sequenceHeatmap: Float32Array;
}
