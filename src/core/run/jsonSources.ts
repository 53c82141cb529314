import { shareOf, SOURCE_HEADS, type SourceHeads } from "../attribution/sources.js";
import { runTokenSources, sourceSides, type SourceSide } from "./runSources.js";
import type { ShownAttribution } from "./shownAttribution.js";
import type { Run, RunInfo } from "./types.js";

/** A position that is no image token, as the lists of `JsonSources` name it. */
export interface JsonTextPosition {
  /** Of the sequence: prompt, then answer. */
  readonly position: number;
  readonly text: string;
  readonly side: Exclude<SourceSide, "image">;
}

/** What a token rests on: parts of the whole positive gradient of some heads; image and text sum to 1. */
export interface JsonSources {
  readonly image: number;
  readonly text: number;
  /** One per entry of `textPositions` up to the token itself. */
  readonly share: readonly number[];
  /** The same with both signs, in parts of the same whole. */
  readonly net: readonly number[];
}

/** The text side of a run, in the order of the lists of `JsonSources`. */
export function jsonTextPositions(info: RunInfo): JsonTextPosition[] {
  const texts = [...info.prompt.tokens, ...info.tokens];
  return sourceSides(info).flatMap((side, position) =>
    side === "image" ? [] : [{ position, text: texts[position]?.text ?? "", side }],
  );
}

/**
 * What a token rests on, by heads; null without the gradient.
 * @param every all choices of heads, else only `all`
 */
export function jsonSources(
  run: Run,
  attribution: ShownAttribution,
  token: number,
  every: boolean,
): Partial<Record<SourceHeads, JsonSources>> | null {
  const sides = sourceSides(run.info);
  const text = sides.flatMap((side, position) =>
    side === "image" || position >= run.info.prompt.tokens.length + token ? [] : [position],
  );
  const made = SOURCE_HEADS.filter((choice) => every || choice === "all").map((choice) => {
    const sources = runTokenSources(run, attribution, token, choice);
    if (sources === null) return null;
    const at = (values: Float32Array): number[] => text.map((position) => values[position] ?? 0);
    const image = shareOf(sources, run.arrays.imagePositions);
    return [
      choice,
      { image, text: shareOf(sources, text), share: at(sources.share), net: at(sources.net) },
    ] as const;
  });
  const known = made.filter((entry) => entry !== null);
  return known.length === 0 ? null : Object.fromEntries(known);
}
