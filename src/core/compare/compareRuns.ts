import { alignTokens, type TokenPair } from "./alignTokens.js";
import type { Change } from "./change.js";
import { changedBetween } from "./changedBetween.js";
import { compareSides, type SideComparison } from "./compareSides.js";
import type { ComparedRun } from "./side.js";

/** Two runs, token by token. */
export interface RunComparison {
  readonly changes: readonly Change[];
  readonly whole: SideComparison;
  /** In the order of the answers. */
  readonly tokens: readonly { readonly pair: TokenPair; readonly compared: SideComparison }[];
}

/** Compares two runs in everything. */
export function compareRuns(a: ComparedRun, b: ComparedRun): RunComparison {
  return {
    changes: changesOf(a, b),
    whole: compareSides(a, b, [null, null]),
    tokens: alignTokens(a.info.tokens, b.info.tokens).map((pair) => ({
      pair,
      compared: compareSides(a, b, [pair.a, pair.b]),
    })),
  };
}

/** What was changed from one run, under the settings it is shown with, to the other. */
export function changesOf(a: ComparedRun, b: ComparedRun): readonly Change[] {
  return changedBetween({ ...a.info, settings: a.settings }, { ...b.info, settings: b.settings });
}

/** True when nothing was asked otherwise and nothing came out otherwise. */
export function isIdentical({ changes, whole, tokens }: RunComparison): boolean {
  const alike = ({ a, b, map }: SideComparison): boolean => map.most === 0 && a.delta === b.delta;
  return (
    changes.length === 0 &&
    alike(whole) &&
    tokens.every(({ pair, compared }) => pair.kind === "same" && alike(compared))
  );
}
