import type { GraphWeights, ModelMemory } from "../../src/core/memory/types.js";

const NO_WEIGHTS: GraphWeights = { byType: {}, private: 0, mapped: 0, whileLoading: 0 };

/** A model of round numbers: a cache of 1,000 bytes a position, gradients of 48 a token and position. */
export function sizedModel(
  change: { decoder?: Partial<ModelMemory["decoder"]>; weights?: number } = {},
): ModelMemory {
  const decoder = { ...NO_WEIGHTS, private: change.weights ?? 5e8, mapped: 1e6 };
  return {
    decoder: {
      style: "fused",
      layers: 3,
      heads: 4,
      kvHeads: 2,
      headSize: 20,
      hidden: 80,
      widest: 200,
      vocabulary: 1000,
      nodes: 100,
      cacheBytes: 4,
      lastLogitsOnly: false,
      tapWidth: 480,
      unpackedLayer: 0,
      ...change.decoder,
    },
    vision: null,
    weights: {
      decoder,
      tappedDecoder: decoder,
      gradient: 3e8,
      visionEncoder: { ...NO_WEIGHTS, private: 2e7 },
      tokenEmbedding: { ...NO_WEIGHTS, mapped: 8e7 },
    },
  };
}
