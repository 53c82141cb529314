import { attribute } from "./attribute.js";
import type { AttributionSettings } from "./settings.js";
import type { Attribution, AttributionInput } from "./types.js";

/** One token's gradients, shaped like its row of a run. */
export interface TokenGradient {
  /** Signed dA [L, H, P] */
  readonly gradient: Float32Array;
  /** [H, P]; null when the run has none. */
  readonly gradientReferenceLast: Float32Array | null;
}

/** Maps made of the heads that the filter dropped, each weighing 1. */
export interface DroppedMaps {
  /** [T, N] */
  readonly tokenHeatmap: Float32Array;
  /** [N] */
  readonly sequenceHeatmap: Float32Array;
}

/** Answers `attribute` again and again for one run while settings change, and keeps what a change leaves as it was. */
export class Attributor {
  constructor(private readonly input: AttributionInput) {}

  attribute(settings: AttributionSettings): Attribution {
    return attribute(this.input, settings);
  }
}
