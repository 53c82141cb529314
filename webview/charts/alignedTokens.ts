import * as l10n from "@vscode/l10n";
import type { TokenPair } from "../../src/core/compare/alignTokens.js";
import { formatNumber } from "../../src/core/run/formatNumber.js";
import { labelParts, tokenLabel, type LabelPart } from "../../src/core/run/tokenLabel.js";
import type { RunToken } from "../../src/core/run/types.js";

/** One answer of two that are shown above each other. */
export interface AlignedAnswer {
  readonly tokens: readonly RunToken[];
  /** delta [T] */
  readonly tokenWeight: ArrayLike<number>;
}

/** The tokens of one answer in a pair. */
export interface AlignedChip {
  readonly parts: readonly LabelPart[];
  /** Largest delta over the answer's largest, 0 to 1. */
  readonly tint: number;
  readonly hollow: boolean;
  readonly stop: boolean;
}

/** One column of the two strips. */
export interface AlignedColumn {
  readonly kind: TokenPair["kind"];
  /** Null where the answer has no counterpart. */
  readonly a: AlignedChip | null;
  readonly b: AlignedChip | null;
  readonly lineBreak: boolean;
  readonly description: string;
}

/** Turns pairs into columns; tints are relative to each answer's largest delta. */
export function layoutAlignedTokens(
  pairs: readonly TokenPair[],
  a: AlignedAnswer,
  b: AlignedAnswer,
): AlignedColumn[] {
  const [mostA, mostB] = [largest(a), largest(b)];
  return pairs.map((pair) => {
    const texts = [
      ...pair.a.map((index) => a.tokens[index]?.text),
      ...pair.b.map((index) => b.tokens[index]?.text),
    ];
    return {
      kind: pair.kind,
      a: chip(a, pair.a, mostA),
      b: chip(b, pair.b, mostB),
      lineBreak: texts.some((text) => text?.includes("\n") === true),
      description: describe(pair, a, b),
    };
  });
}

function largest({ tokens, tokenWeight }: AlignedAnswer): number {
  return tokens.reduce(
    (most, token, index) => (token.stop ? most : Math.max(most, tokenWeight[index] ?? 0)),
    0,
  );
}

function chip(answer: AlignedAnswer, indices: readonly number[], most: number): AlignedChip | null {
  if (indices.length === 0) return null;
  const delta = deltaOf(answer, indices);
  return {
    parts: indices.flatMap((index) => labelParts(answer.tokens[index]?.text ?? "")),
    tint: most > 0 ? Math.min(1, delta / most) : 0,
    hollow: delta === 0,
    stop: indices.some((index) => answer.tokens[index]?.stop === true),
  };
}

function deltaOf({ tokenWeight }: AlignedAnswer, indices: readonly number[]): number {
  return Math.max(0, ...indices.map((index) => tokenWeight[index] ?? 0));
}

function describe(pair: TokenPair, a: AlignedAnswer, b: AlignedAnswer): string {
  const text = ({ tokens }: AlignedAnswer, indices: readonly number[]): string =>
    indices.map((index) => tokenLabel(tokens[index]?.text ?? "")).join("");
  const [textA, textB] = [text(a, pair.a), text(b, pair.b)];
  const [deltaA, deltaB] = [formatNumber(deltaOf(a, pair.a)), formatNumber(deltaOf(b, pair.b))];
  switch (pair.kind) {
    case "removed":
      return l10n.t("{0}, only in A, delta {1}", textA, deltaA);
    case "added":
      return l10n.t("{0}, only in B, delta {1}", textB, deltaB);
    case "same":
      return l10n.t("{0} in both, delta {1} in A and {2} in B", textB, deltaA, deltaB);
    case "changed":
      return l10n.t("{0} in A, {1} in B, delta {2} and {3}", textA, textB, deltaA, deltaB);
  }
}
