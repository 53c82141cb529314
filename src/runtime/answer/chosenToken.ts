import type { PreTrainedTokenizer } from "@huggingface/transformers";
import type { Alternative } from "../../core/run/types.js";
import { tokenText } from "./tokenText.js";

const ALTERNATIVES = 5;

/** Probability of a chosen token and the most likely choices, from one row of logits. */
export function chosenToken(
  tokenizer: PreTrainedTokenizer | undefined | null,
  logits: Float32Array,
  id: number,
): Alternative & { readonly alternatives: readonly Alternative[] } {
  const normaliser = logSumExp(logits);
  const describe = (token: number): Alternative => ({
    id: token,
    text: tokenText(tokenizer, token),
    logprob: (logits[token] ?? -Infinity) - normaliser,
  });
  return { ...describe(id), alternatives: largest(logits, ALTERNATIVES).map(describe) };
}

function logSumExp(logits: Float32Array): number {
  let max = -Infinity;
  for (const value of logits) max = Math.max(max, value);
  let sum = 0;
  for (const value of logits) sum += Math.exp(value - max);
  return max + Math.log(sum);
}

/** Indices of the `count` largest values, largest first. */
function largest(values: Float32Array, count: number): number[] {
  const best: number[] = [];
  values.forEach((value, index) => {
    if (best.length === count && value <= (values[best[count - 1] as number] as number)) return;
    const place = best.findIndex((other) => (values[other] as number) < value);
    best.splice(place === -1 ? best.length : place, 0, index);
    if (best.length > count) best.pop();
  });
  return best;
}
