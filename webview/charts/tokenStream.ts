import * as l10n from "@vscode/l10n";
import { formatNumber, formatProbability } from "../../src/core/run/formatNumber.js";
import { labelParts, tokenLabel, type LabelPart } from "../../src/core/run/tokenLabel.js";
import type { RunToken } from "../../src/core/run/types.js";

/** What the stream shows of the answer. */
export interface TokenStreamData {
  readonly tokens: readonly RunToken[];
  /** The first so many tokens have their heatmaps, the others are still to come. */
  readonly explained: number;
  /** delta [T] */
  readonly tokenWeight: ArrayLike<number>;
  /** Why a delta is 0; null where it is not [T]. */
  readonly reasons: readonly (string | null)[];
}

/** One chip, ready to draw. */
export interface TokenChip {
  readonly index: number;
  readonly text: string;
  readonly parts: readonly LabelPart[];
  /** delta over the answer's largest delta, 0 to 1. */
  readonly tint: number;
  readonly hollow: boolean;
  /** No heatmap yet. */
  readonly pending: boolean;
  /** An end or control token, which is no word of the answer. */
  readonly special: boolean;
  readonly forced: boolean;
  /** True when the token goes on with the word before it. */
  readonly joined: boolean;
  readonly lineBreak: boolean;
  readonly description: string;
}

/** Turns tokens into chips; tints are relative to the largest delta of the answer. */
export function layoutTokenStream(data: TokenStreamData): TokenChip[] {
  const { tokens, tokenWeight } = data;
  const largest = tokens.reduce(
    (most, token, index) => (token.stop ? most : Math.max(most, tokenWeight[index] ?? 0)),
    0,
  );
  return tokens.map((token, index) => {
    const delta = tokenWeight[index] ?? 0;
    const pending = index >= data.explained;
    return {
      index,
      text: token.text,
      parts: labelParts(token.text),
      tint: largest > 0 && !pending ? Math.min(1, delta / largest) : 0,
      hollow: delta === 0 && !pending,
      pending,
      special: isSpecial(token),
      forced: token.kind === "forced",
      joined: index > 0 && /^[\p{L}\p{N}\p{M}]/u.test(token.text) && !tokens[index - 1]?.stop,
      lineBreak: token.text.includes("\n"),
      description: describe(token, delta, pending, data.reasons[index] ?? null),
    };
  });
}

/** End tokens, and texts that are only a name in brackets of a tokenizer (`<|im_end|>`, `</s>`, `[SEP]`). */
function isSpecial({ stop, text }: RunToken): boolean {
  return stop || /^(<\|?[\w/:.-]+\|?>|\[[A-Z]+\])$/.test(text.trim());
}

function describe(token: RunToken, delta: number, pending: boolean, reason: string | null): string {
  const name = tokenLabel(token.text);
  const probability = formatProbability(token.logprob);
  if (pending) return l10n.t("{0}, probability {1}, heatmap to come", name, probability);
  const facts =
    reason === null
      ? l10n.t("{0}, probability {1}, delta {2}", name, probability, formatNumber(delta))
      : l10n.t("{0}, probability {1}, delta {2} ({3})", name, probability, formatNumber(delta), reason);
  return token.stop ? `${facts}; ${l10n.t("end of the answer, not part of the whole-answer map")}` : facts;
}

/** Where a key leads from the current choice (null: the whole answer); `undefined` when it means nothing here. */
export function keyTarget(key: string, from: number | null, count: number): number | null | undefined {
  switch (key) {
    case "ArrowRight":
    case "ArrowDown":
      return count === 0 ? null : Math.min((from ?? -1) + 1, count - 1);
    case "ArrowLeft":
    case "ArrowUp":
      return from === null || from === 0 ? null : from - 1;
    case "Home":
      return count === 0 ? null : 0;
    case "End":
      return count === 0 ? null : count - 1;
    case "Escape":
      return null;
    default:
      return undefined;
  }
}
