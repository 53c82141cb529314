import {
  meanSources,
  shareOf,
  sourceWeights,
  tokenSources,
  type SourceHeads,
  type Sources,
} from "../../src/core/attribution/sources.js";
import type { TokenGradient } from "../../src/core/attribution/types.js";
import { sourceSides, type SourceSide } from "../../src/core/run/runSources.js";
import type { ShownAttribution } from "../../src/core/run/shownAttribution.js";
import { tokenGradient } from "../../src/core/run/tokenGradient.js";
import { tokensOf, type Subject } from "./selection.js";

/** What a token, or the answer, rests on, position by position and side by side. */
export interface WordSources extends Sources {
  /** Shares of the sides; they sum to 1, or are all 0. */
  readonly sides: Readonly<Record<SourceSide, number>>;
}

/** Worked out once for each explanation: settings and what-ifs make another one. */
const known = new WeakMap<ShownAttribution, Map<string, WordSources | null>>();

/** What the subject rests on by these heads; null when the page has no gradient. */
export function wordSources(subject: Subject, choice: SourceHeads): WordSources | null {
  const made = known.get(subject.attribution) ?? new Map<string, WordSources | null>();
  known.set(subject.attribution, made);
  const key = `${subject.token} ${choice} ${subject.data.info.tokens.length}`;
  const kept = made.get(key);
  if (kept !== undefined) return kept;
  const sources = workOut(subject, choice);
  made.set(key, sources);
  return sources;
}

function workOut(subject: Subject, choice: SourceHeads): WordSources | null {
  const { attribution, settings, data } = subject;
  const { layers, heads } = data.info.model;
  const parts: Sources[] = [];
  for (const token of tokensOf(subject)) {
    const row = gradientOf(subject, token);
    if (row === null) return null;
    const weights = sourceWeights({ attribution, settings, layers, heads }, token, choice);
    parts.push(tokenSources(row, weights, heads, settings.preset));
  }
  const positions = data.info.prompt.tokens.length + data.info.tokens.length - 1;
  const [only] = parts;
  const sources = subject.token !== null && only ? only : meanSources(parts, positions);
  return { ...sources, sides: sidesOf(subject, sources) };
}

function sidesOf({ data }: Subject, sources: Sources): WordSources["sides"] {
  const places: Record<SourceSide, number[]> = { image: [], prompt: [], template: [], answer: [] };
  for (const [position, side] of sourceSides(data.info).entries()) places[side].push(position);
  const { image, prompt, template, answer } = places;
  const share = (positions: readonly number[]): number => shareOf(sources, positions);
  return { image: share(image), prompt: share(prompt), template: share(template), answer: share(answer) };
}

/** A token's gradients: the run's own, or what stands in for them. */
function gradientOf({ data, whatIf }: Subject, token: number): TokenGradient | null {
  return whatIf?.token === token ? whatIf.row : tokenGradient(data, token);
}
