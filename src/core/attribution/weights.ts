import type { HeadRows } from "./headRows.js";
import type { HeadScores } from "./scoreHeads.js";
import type { AttributionSettings } from "./settings.js";
import type { ScoreWinner, TokenReason } from "./types.js";

/**
 * Head weights w = max(S_img - S_text, 0) (dynamic head filtering, Eq. 5), 0 outside the layer range. A dropped head
 * weighs 0; a kept one at least something: its own weight, or S_img where the filter gave 0. The layer range wins.
 * @returns [T, L, H]
 */
export function weighHeads(rows: HeadRows, scores: HeadScores, settings: AttributionSettings): Float32Array {
  const [from, to] = settings.layers;
  const headsPerToken = rows.layers * rows.heads;
  const weights = new Float32Array(rows.tokens * headsPerToken);
  const decisions = new Map(
    settings.overrides.map(({ layer, head, decision }) => [layer * rows.heads + head, decision]),
  );
  for (let token = 0; token < rows.tokens; token++)
    for (let head = from * rows.heads; head < to * rows.heads; head++) {
      const cell = token * headsPerToken + head;
      const image = scores.scoreImage[cell] ?? 0;
      const weight = Math.max(image - (scores.scoreText[cell] ?? 0), 0);
      const decision = decisions.get(head);
      if (decision === undefined) weights[cell] = weight;
      else weights[cell] = decision === "drop" ? 0 : weight || image;
    }
  return weights;
}

/** Weights of the unfiltered maps: 1 inside the layer range. @returns [T, L, H] */
export function uniformWeights(rows: HeadRows, [from, to]: AttributionSettings["layers"]): Float32Array {
  const headsPerToken = rows.layers * rows.heads;
  const weights = new Float32Array(rows.tokens * headsPerToken);
  for (let start = 0; start < weights.length; start += headsPerToken)
    weights.fill(1, start + from * rows.heads, start + to * rows.heads);
  return weights;
}

/** Weights of the dropped heads' maps: 1 inside the layer range where w is 0, else 0. @returns [T, L, H] */
export function droppedWeights(
  rows: HeadRows,
  headWeight: Float32Array,
  layers: AttributionSettings["layers"],
): Float32Array {
  return uniformWeights(rows, layers).map((inRange, cell) => (headWeight[cell] === 0 ? inRange : 0));
}

/**
 * Token weights delta = max(max S_img - max S_text, 0), maxima over the heads of the layer range (sequence-level
 * filtering, Eq. 6), and who won each maximum. Head overrides do not enter.
 */
export function weighTokens(
  rows: HeadRows,
  scores: HeadScores,
  layers: AttributionSettings["layers"],
): { tokenWeight: Float32Array; reasons: TokenReason[] } {
  const reasons = Array.from({ length: rows.tokens }, (_, token) => ({
    image: strongest(rows, token, layers, scores.scoreImage, scores.imageWinner),
    text: strongest(rows, token, layers, scores.scoreText, scores.textWinner),
  }));
  const tokenWeight = Float32Array.from(reasons, ({ image, text }) =>
    Math.max((image?.score ?? 0) - (text?.score ?? 0), 0),
  );
  return { tokenWeight, reasons };
}

function strongest(
  rows: HeadRows,
  token: number,
  [from, to]: AttributionSettings["layers"],
  scores: Float32Array,
  winners: Int32Array,
): ScoreWinner | null {
  const start = token * rows.layers * rows.heads;
  let best = -1;
  let score = 0;
  for (let cell = start + from * rows.heads; cell < start + to * rows.heads; cell++) {
    const candidate = scores[cell] ?? 0;
    if (candidate > score) [best, score] = [cell, candidate];
  }
  if (best < 0) return null;
  const head = best - start;
  return {
    layer: Math.floor(head / rows.heads),
    head: head % rows.heads,
    position: winners[best] ?? -1,
    score,
  };
}
