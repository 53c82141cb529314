/** A word of the answer: the tokens `first` up to `first + count`. */
export interface Word {
  readonly text: string;
  readonly first: number;
  readonly count: number;
}

/** What a tokenizer may put before a token that begins a word, and what stands between words. */
const BEGINS_WORD = /^[\s▁Ġ]/u;
const ENDS_WORD = /\s$/u;
const PUNCTUATION = /^[\p{P}\p{S}]+$/u;
/** These hold a word together: `next-door`, `don't`. */
const JOINS = /^[-'’‐]$/u;

/**
 * Joins sub-word tokens to words for display; the tokens themselves stay as they are. White space begins a word,
 * punctuation and stop tokens stand alone, hyphens and apostrophes do not part a word.
 */
export function joinWords(tokens: readonly { readonly text: string; readonly stop?: boolean }[]): Word[] {
  const words: { text: string; first: number; count: number }[] = [];
  for (const [index, token] of tokens.entries()) {
    const word = words.at(-1);
    const before = tokens[index - 1];
    if (word !== undefined && before !== undefined && continues(before, token)) {
      word.text += token.text;
      word.count++;
    } else words.push({ text: token.text, first: index, count: 1 });
  }
  return words;
}

type Token = Parameters<typeof joinWords>[0][number];

function continues(before: Token, token: Token): boolean {
  if (before.stop === true || token.stop === true) return false;
  if (BEGINS_WORD.test(token.text) || ENDS_WORD.test(before.text)) return false;
  return !standsAlone(before.text) && !standsAlone(token.text);
}

function standsAlone(text: string): boolean {
  const bare = text.trim();
  return PUNCTUATION.test(bare) && !JOINS.test(bare);
}
