import { sourceWeights, tokenSources, type SourceHeads, type Sources } from "../attribution/sources.js";
import type { ShownAttribution } from "./shownAttribution.js";
import { tokenGradient } from "./tokenGradient.js";
import type { Run, RunInfo } from "./types.js";

/** A part of the sequence that a token can rest on. */
export type SourceSide = "image" | "prompt" | "template" | "answer";

/** The side of every position of a run [P]: picture, the user's words, template and special tokens, answer so far. */
export function sourceSides({ prompt, tokens }: RunInfo): SourceSide[] {
  const ofPrompt = prompt.tokens.map(({ kind }): SourceSide => {
    switch (kind) {
      case "image":
        return "image";
      case "text":
        return "prompt";
      case "special":
        return "template";
    }
  });
  return [...ofPrompt, ...tokens.slice(0, -1).map((): SourceSide => "answer")];
}

/** What a token of a run rests on under the run's own settings; null without the gradient. */
export function runTokenSources(
  run: Run,
  attribution: ShownAttribution,
  token: number,
  choice: SourceHeads,
): Sources | null {
  const row = tokenGradient(run, token);
  if (row === null) return null;
  const { settings } = run.info;
  const { layers, heads } = run.info.model;
  const weights = sourceWeights({ attribution, settings, layers, heads }, token, choice);
  return tokenSources(row, weights, heads, settings.preset);
}
