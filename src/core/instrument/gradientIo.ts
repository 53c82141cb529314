/** Inputs and outputs of the gradient model. K explained tokens, L layers, H heads, P cached positions. */
export const GRADIENT_IO = {
  /** float32 [1, K, width]: one tap row per explained token. */
  taps: "taps",
  /** int64 [K]: the explained token ids. */
  targets: "targets",
  /** The value cache of a layer, [1, kvHeads, P, headSize]. */
  value: (layer: number) => `value.${layer}`,
  /** float32 [K, kvHeads, heads of each, P]: signed dA of a layer (the attention gradient of Eq. 3's logit). */
  gradient: (layer: number) => `gradient.${layer}`,
  /** float32 [K, L]: the lens logit o of the target (Eq. 3). */
  lens: "lens",
  /** The same shape: dA of the last layer with the final norm applied twice (preset `reference`). */
  referenceLast: "reference_last",
} as const;
