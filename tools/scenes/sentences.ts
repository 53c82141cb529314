/** Builds answers word by word, keeping what each word stands for. */

import type { AnswerWord, Cell, ColourWord, SceneObject, WordRole } from "./types";

/** Function words, in order: they say nothing about the picture. */
export function functionWords(text: string): AnswerWord[] {
  return text.split(" ").map((word) => ({ text: word, role: "function", object: null }));
}

function word(text: string, role: WordRole, object: number | null = null): AnswerWord {
  return { text, role, object };
}

/** "a red heart", "a dog". */
export function nounPhrase(object: SceneObject, index: number): AnswerWord[] {
  const colour = object.colour ? [word(object.colour, "objectColour", index)] : [];
  return [...functionWords("a"), ...colour, word(object.noun, "object", index)];
}

/** "at the top left". */
export function placePhrase(cell: Cell, index: number): AnswerWord[] {
  return [...functionWords("at the"), word(cell.row, "place", index), word(cell.column, "place", index)];
}

/** "on a blue background". */
export function backgroundPhrase(colour: ColourWord): AnswerWord[] {
  return [...functionWords("on a"), word(colour, "backgroundColour"), word("background", "background")];
}

const COUNT_WORDS: readonly string[] = ["one", "two", "three"];

export function countWord(count: number): AnswerWord {
  const text = COUNT_WORDS[count - 1];
  if (text === undefined) throw new Error(`no word for ${count} objects`);
  return word(text, "number");
}

export function colourAnswer(colour: ColourWord, object: number | null): AnswerWord[] {
  return [word(colour, object === null ? "backgroundColour" : "objectColour", object)];
}

/** The sentence as a reader sees it: words joined by blanks, no blank before a comma. */
export function textOf(words: readonly AnswerWord[]): string {
  return words
    .map((w) => w.text)
    .join(" ")
    .replaceAll(" ,", ",");
}
