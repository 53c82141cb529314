import { Attributor } from "../../core/attribution/attributor.js";
import { finishAttribution, type TokenAttribution } from "../../core/attribution/tokenAttribution.js";
import type { RunToken } from "../../core/run/types.js";
import type { ExplainedEvent } from "../../protocol/modelProcess.js";
import { attendsOf } from "./buildRun.js";
import { captureShape, type CapturedBatch } from "./capture.js";
import type { RecorderTask } from "./recorder.js";

/** What the run's settings make of a batch's gradients, token by token. */
export function explainBatch(
  { vlm, prompt, settings }: RecorderTask,
  tokens: readonly RunToken[],
  { first, count, gradient, referenceLast }: CapturedBatch,
): TokenAttribution {
  const { layers, heads } = captureShape(vlm);
  const input = {
    layers,
    heads,
    gradient,
    gradientReferenceLast: referenceLast,
    imagePositions: Int32Array.from(prompt.imagePositions),
    promptLength: prompt.ids.length,
    firstToken: first,
    kinds: prompt.tokens.map((token) => token.kind),
    stops: tokens.slice(0, first + count).map((token) => token.stop),
    ...attendsOf(vlm),
  };
  return new Attributor(input, 0).tokens(settings);
}

/** The same for whoever watches the answer grow. */
export function explainedEvent(
  { prompt, settings }: RecorderTask,
  { first, count }: CapturedBatch,
  tokens: TokenAttribution,
): ExplainedEvent {
  const made = finishAttribution(tokens, prompt.imagePositions.length, settings);
  return {
    kind: "explained",
    first,
    count,
    tokenHeatmap: made.tokenHeatmap,
    tokenHeatmapUnfiltered: made.tokenHeatmapUnfiltered,
    tokenWeight: made.tokenWeight,
    scoreImage: made.scoreImage,
    scoreText: made.scoreText,
    headWeight: made.headWeight,
    imageWinner: made.imageWinner,
    textWinner: made.textWinner,
    layerShare: made.layerShare,
    reasons: made.reasons,
  };
}
