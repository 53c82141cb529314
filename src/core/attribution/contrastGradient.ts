import { badInput } from "./checkInput.js";
import type { TokenGradient } from "./types.js";

/**
 * What speaks for one token and not for another at the same step: the difference of their gradients, which is the
 * gradient of the difference of their logits.
 * @throws DexarError `bad-attribution-input` when they have different shapes
 */
export function contrastGradient(own: TokenGradient, other: TokenGradient): TokenGradient {
  const [mine, theirs] = [own.gradientReferenceLast, other.gradientReferenceLast];
  return {
    gradient: difference(own.gradient, other.gradient),
    gradientReferenceLast: mine && theirs && difference(mine, theirs),
  };
}

function difference(a: Float32Array, b: Float32Array): Float32Array {
  if (a.length !== b.length) throw badInput("the gradients of the two tokens have different shapes");
  return a.map((value, index) => value - (b[index] ?? 0));
}
