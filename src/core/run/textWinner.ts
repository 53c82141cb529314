import type { ScoreWinner } from "../attribution/types.js";
import type { ShownAttribution } from "./shownAttribution.js";
import { tokenLabel } from "./tokenLabel.js";
import type { RunInfo } from "./types.js";

/** The visible text at a position of the sequence: a prompt token, or a token of the answer so far. */
export function positionLabel(info: RunInfo, position: number): string {
  const prompt = info.prompt.tokens;
  const text =
    position < prompt.length ? prompt[position]?.text : info.tokens[position - prompt.length]?.text;
  return text === undefined ? `position ${position}` : tokenLabel(text);
}

/** Why the text won a token, in words: `text won: "USER", layer 12, head 3`; null where the picture won. */
export function textWinReason(info: RunInfo, attribution: ShownAttribution, token: number): string | null {
  if ((attribution.tokenWeight[token] ?? 0) > 0) return null;
  if (!attribution.reasons) return "text won";
  const winner: ScoreWinner | null = attribution.reasons[token]?.text ?? null;
  if (winner === null) return "no gradient on picture or text";
  return `text won: "${positionLabel(info, winner.position)}", layer ${winner.layer}, head ${winner.head}`;
}

/** Numbers of kept heads and of heads in the layer range for one token. */
export function keptHeads(
  info: RunInfo,
  attribution: ShownAttribution,
  token: number,
): { kept: number; total: number } {
  const { layers, heads } = info.model;
  const [from, to] = info.settings.layers;
  const start = token * layers * heads;
  const weights = attribution.headWeight.subarray(start + from * heads, start + to * heads);
  return { kept: weights.filter((weight) => weight > 0).length, total: weights.length };
}

/** One token's values of a [T, size] array, as a view. */
export function rowOf(values: Float32Array, token: number, size: number): Float32Array {
  return values.subarray(token * size, (token + 1) * size);
}
