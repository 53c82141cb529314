import type { TextbookFacts } from "./types.js";

/** Whether the textbook way and ours say the same, as a sentence. */
export function textbookText({ torch, threads, sameAnswer, difference }: TextbookFacts): string {
  const says = sameAnswer ? "gives the same answer" : "WOULD GIVE ANOTHER ANSWER";
  return `The textbook way (PyTorch ${torch}, ${threads} threads) ${says}; what it makes of each token differs from ours by at most ${difference.toExponential(1)} of the largest value.`;
}
