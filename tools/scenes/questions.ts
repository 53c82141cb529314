/** What is asked about a scene, with the right answers. */

import { ALL_CELLS } from "./layout";
import { NOUNS } from "./nouns";
import type { Random } from "./random";
import {
  backgroundPhrase,
  colourAnswer,
  countWord,
  functionWords,
  nounPhrase,
  placePhrase,
  textOf,
} from "./sentences";
import type { AnswerWord, Cell, ColourWord, Question, QuestionKind, SceneObject } from "./types";

/** The facts that questions are about. */
export interface Facts {
  readonly objects: readonly SceneObject[];
  readonly background: ColourWord;
}

/** Ways to ask; `#` stands for the noun with its article, or the region. */
export const PHRASINGS: Readonly<Record<QuestionKind, readonly string[]>> = {
  describe: [
    "describe the picture.",
    "describe this image.",
    "what is in the picture?",
    "what is in this image?",
    "what do you see?",
    "what can you see in the picture?",
  ],
  what: ["what is at the #?", "what do you see at the #?"],
  where: ["where is the #?", "where in the picture is the #?"],
  count: ["how many objects are there?", "how many things do you see?"],
  isThere: ["is there # in the picture?", "is there #?", "do you see #?"],
  colour: ["what colour is the #?", "what color is the #?"],
};

/** Chance that a "what is at ..." question is about an empty region. */
const EMPTY_REGION_CHANCE = 0.2;

/**
 * The questions of a scene, in random wording. Those that name a thing come more than once: finding what a question
 * names is the hardest to learn.
 */
export function askQuestions(facts: Facts, random: Random): Question[] {
  return [
    describe(facts, random),
    ...facts.objects.map((object, index) => where(object, index, random)),
    isThere(facts, true, random),
    isThere(facts, false, random),
    what(facts, random),
    count(facts, random),
    backgroundColour(facts, random),
    ...objectColour(facts, random),
  ];
}

function ask(kind: QuestionKind, subject: string, words: AnswerWord[], random: Random): Question {
  const question = random.pick(PHRASINGS[kind]).replace("#", subject);
  return { kind, question, answer: textOf(words), words };
}

function describe({ objects, background }: Facts, random: Random): Question {
  const things = objects.flatMap((object, index) => [
    ...nounPhrase(object, index),
    ...placePhrase(object.cell, index),
    ...functionWords(","),
  ]);
  const words = [...functionWords("there is"), ...things, ...backgroundPhrase(background)];
  return ask("describe", "", words, random);
}

function what({ objects }: Facts, random: Random): Question {
  const taken = (cell: Cell): number =>
    objects.findIndex((o) => o.cell.row === cell.row && o.cell.column === cell.column);
  const empty = random.next() < EMPTY_REGION_CHANCE;
  const cell = random.pick(ALL_CELLS.filter((c) => taken(c) < 0 === empty));
  const object = objects[taken(cell)];
  const words = object ? nounPhrase(object, taken(cell)) : functionWords("nothing");
  return ask("what", `${cell.row} ${cell.column}`, words, random);
}

function where(object: SceneObject, index: number, random: Random): Question {
  return ask("where", object.noun, placePhrase(object.cell, index), random);
}

function count({ objects }: Facts, random: Random): Question {
  return ask("count", "", [countWord(objects.length)], random);
}

function isThere({ objects }: Facts, present: boolean, random: Random): Question {
  const shown = objects.map((object) => object.noun);
  const absent = NOUNS.map((n) => n.noun).filter((noun) => !shown.includes(noun));
  const noun = random.pick(present ? shown : absent);
  return ask("isThere", withArticle(noun), functionWords(present ? "yes" : "no"), random);
}

function withArticle(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function backgroundColour({ background }: Facts, random: Random): Question {
  return ask("colour", "background", colourAnswer(background, null), random);
}

function objectColour({ objects }: Facts, random: Random): Question[] {
  return objects.flatMap((object, index) =>
    object.colour ? [ask("colour", object.noun, colourAnswer(object.colour, index), random)] : [],
  );
}
