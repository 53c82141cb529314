import type { AttributionSettings } from "../../core/attribution/settings.js";
import { statedExtras } from "../../core/run/generationExtras.js";
import type { RunInfo } from "../../core/run/types.js";
import { readStoredRun } from "../compare/readStoredRun.js";
import { UsageError } from "../usageError.js";
import type { RequestOptions } from "./requestOptions.js";

/** A run to go on from, and what it says of the question. */
export interface ContinuedRun {
  readonly path: string;
  /** Those it was explained under; the command line's come on top. */
  readonly settings: AttributionSettings;
}

/** Options of the command line that a run can give. */
type Options = RequestOptions & { readonly continue?: string };

/**
 * Completes options with what the run of `--continue` was asked; the command line wins, but not over the prompt.
 * @returns null where no run is continued
 * @throws UsageError `one-image`, and DexarError those of reading a run file
 */
export async function withContinuedRun<T extends Options>(
  options: T,
  isGiven: (name: keyof RequestOptions) => boolean,
  images: readonly string[],
): Promise<{ options: T; run: ContinuedRun | null }> {
  const path = options.continue;
  if (path === undefined) return { options, run: null };
  if (images.length > 1) {
    throw new UsageError(
      "one-image",
      `--continue goes on about one picture, but ${images.length} are named.`,
      "Name none: the run has its own.",
    );
  }
  const { info } = (await readStoredRun(path)).run;
  const asked = Object.entries(optionsOf(info)).filter(([name]) => !isGiven(name as keyof RequestOptions));
  return { options: { ...options, ...Object.fromEntries(asked) }, run: { path, settings: info.settings } };
}

function optionsOf({ generation, model, prompt }: RunInfo): Partial<RequestOptions> {
  const { temperature, topK, seed } = generation;
  const { stopStrings, ...extras } = statedExtras(generation);
  return {
    model: model.name,
    dtype: model.dtype,
    prompt: prompt.text,
    temperature,
    topK,
    ...extras,
    stop: stopStrings,
    ...(seed !== null && { seed }),
  };
}
