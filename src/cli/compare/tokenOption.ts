import type { TokenPair } from "../../core/compare/alignTokens.js";
import type { TokenChoice } from "../../core/compare/side.js";
import type { RunInfo } from "../../core/run/types.js";
import { UsageError } from "../usageError.js";

/** Tokens by number, as the tables count them. */
export interface TokenSpec {
  readonly a: number;
  /** Null: the one that stands for it in B. */
  readonly b: number | null;
}

/**
 * Parses `i` or `i:j`.
 * @throws UsageError `bad-token`
 */
export function parseToken(text: string): TokenSpec {
  const match = /^(\d+)(?::(\d+))?$/.exec(text.trim());
  if (match === null)
    throw new UsageError(
      "bad-token",
      `--token is "${text}", not a token's number.`,
      "Write 3 for A's token 3 and its counterpart in B, 3:5 for A's token 3 and B's token 5.",
    );
  return { a: Number(match[1]), b: match[2] === undefined ? null : Number(match[2]) };
}

/**
 * The tokens to compare.
 * @throws UsageError `no-such-token`
 */
export function chosenTokens(
  spec: TokenSpec,
  pairs: readonly TokenPair[],
  a: RunInfo,
  b: RunInfo,
): readonly [a: Exclude<TokenChoice, null>, b: Exclude<TokenChoice, null>] {
  checkToken(spec.a, a, "A");
  if (spec.b === null) {
    const pair = pairs.find((each) => each.a.includes(spec.a));
    return [pair?.a ?? [spec.a], pair?.b ?? []];
  }
  checkToken(spec.b, b, "B");
  return [[spec.a], [spec.b]];
}

function checkToken(index: number, { tokens }: RunInfo, side: "A" | "B"): void {
  if (index < tokens.length) return;
  throw new UsageError(
    "no-such-token",
    `--token names token ${index} of ${side}, whose answer has ${tokens.length} tokens.`,
    tokens.length === 0 ? "Leave --token out." : `Count from 0: the last one is ${tokens.length - 1}.`,
  );
}
