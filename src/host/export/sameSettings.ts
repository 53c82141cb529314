import type { AttributionSettings } from "../../core/attribution/settings.js";

/** Whether two settings say the same; the order of overrides does not matter. */
export function sameSettings(one: AttributionSettings, other: AttributionSettings): boolean {
  return canonical(one) === canonical(other);
}

function canonical({ preset, layers, textSet, score, overrides, includeStop }: AttributionSettings): string {
  const heads = overrides.map(({ layer, head, decision }) => `${layer}:${head}:${decision}`).sort();
  return JSON.stringify([preset, layers, textSet, scoreText(score), heads, includeStop]);
}

function scoreText(score: AttributionSettings["score"]): string {
  return score.kind === "top-k" ? `top-${score.k}` : score.kind;
}
