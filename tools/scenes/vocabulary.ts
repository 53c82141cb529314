/** Every word of questions and answers, for the tokenizer: each is to be one token. */

import { COLOUR_WORDS } from "./colours";
import { COLUMNS, ROWS } from "./layout";
import { NOUNS } from "./nouns";
import { PHRASINGS } from "./questions";

/** Nouns that scenes show. */
export const NOUN_WORDS: readonly string[] = NOUNS.map((n) => n.noun);

const ANSWER_WORDS = "there is a an at the on background nothing yes no one two three".split(" ");

/** All words once, in a fixed order; punctuation is not among them. */
export function vocabularyWords(): string[] {
  const asked = Object.values(PHRASINGS).flat();
  const questionWords = asked.flatMap((text) => text.match(/[a-z]+/g) ?? []);
  return [
    ...new Set([...ANSWER_WORDS, ...COLUMNS, ...ROWS, ...COLOUR_WORDS, ...NOUN_WORDS, ...questionWords]),
  ];
}
