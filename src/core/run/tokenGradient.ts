import type { TokenGradient } from "../attribution/types.js";
import { rowOf } from "./textWinner.js";
import type { RunArrays, RunInfo } from "./types.js";

/** A run, as far as its gradients go. */
export interface GradientRun {
  readonly info: Pick<RunInfo, "tokens">;
  readonly arrays: Pick<RunArrays, "gradient" | "gradientReferenceLast">;
}

/** A token's own row of a run's gradients; null where the run was left without them. */
export function tokenGradient({ info, arrays }: GradientRun, token: number): TokenGradient | null {
  const { gradient, gradientReferenceLast: reference } = arrays;
  if (gradient === null) return null;
  const count = info.tokens.length;
  return {
    gradient: rowOf(gradient, token, gradient.length / count),
    gradientReferenceLast: reference && rowOf(reference, token, reference.length / count),
  };
}
