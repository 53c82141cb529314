import { DexarError } from "../errors.js";
import type { RunArrays, RunInfo } from "../run/types.js";
import type { AttributionInput } from "./types.js";

/** The part of a run that the arithmetic needs. */
export interface ExplainedRun {
  readonly info: RunInfo;
  readonly arrays: Pick<RunArrays, "gradient" | "gradientReferenceLast" | "imagePositions">;
}

/**
 * A run as the input of `attribute`.
 * @throws DexarError `no-gradient` when the run was saved without its gradient
 */
export function attributionInput(run: ExplainedRun): AttributionInput {
  const { info, arrays } = run;
  if (arrays.gradient === null)
    throw new DexarError(
      "no-gradient",
      "This run was saved without its gradient, so its filters cannot be changed.",
      "Explain the picture again and save it with its gradient.",
    );
  return {
    layers: info.model.layers,
    heads: info.model.heads,
    gradient: arrays.gradient,
    gradientReferenceLast: arrays.gradientReferenceLast,
    imagePositions: arrays.imagePositions,
    promptLength: info.prompt.tokens.length,
    kinds: info.prompt.tokens.map((token) => token.kind),
    stops: info.tokens.map((token) => token.stop),
    ...(info.model.attends && { attends: info.model.attends }),
  };
}
