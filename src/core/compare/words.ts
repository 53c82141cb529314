import type { RunToken } from "../run/types.js";

/** What of a token the alignment needs. */
export type AlignedToken = Pick<RunToken, "text" | "stop">;

/** A word of an answer: half-open range of its characters, blanks left out of the count. */
export interface AnswerWord {
  /** What words are compared by: composed letters, lower case. */
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** An answer as text without blanks, and how its tokens lie on it. */
export interface AnswerText {
  readonly text: string;
  readonly words: readonly AnswerWord[];
  /** Tokens by the character at which they begin; one without visible characters goes with the next. */
  readonly starts: ReadonlyMap<number, number>;
}

/** Stands for the end token, whatever a tokenizer calls it. */
const END = "\u0003";
const BLANK = /[^\S\n]/gu;
/** A run of letters and digits; scripts written without blanks word by word would be one: there each sign counts. */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{N}\p{M}])+|\S|\n/gu;

/** Takes an answer apart into words; tokenizers that put blanks at different places give the same words. */
export function answerText(tokens: readonly AlignedToken[]): AnswerText {
  const whole = tokens.map((token) => (token.stop ? END : token.text)).join("");
  const starts = new Map<number, number>([[0, 0]]);
  let length = 0;
  tokens.forEach((token, index) => {
    const size = token.stop ? END.length : token.text.replace(BLANK, "").length;
    length += size;
    if (size > 0) starts.set(length, index + 1);
  });
  // The blanks before the end belong to the last word.
  if (length > 0) starts.set(length, tokens.length);
  let at = 0;
  const words = Array.from(whole.matchAll(WORD), ([word]): AnswerWord => {
    const from = at;
    at += word.length;
    return { key: word.normalize("NFC").toLowerCase(), from, to: at };
  });
  return { text: whole.replace(BLANK, ""), words, starts };
}
