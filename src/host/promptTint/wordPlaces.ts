import { documentOffset } from "../../core/prompts/promptOffsets.js";
import type { TextSpan } from "../../core/prompts/types.js";
import type { PromptToken } from "../../core/run/types.js";
import type { TextEdit } from "../panel/movedSpan.js";

/** Where each position of a prompt stands in a document; null for what the template adds and for words that were edited. */
export type WordPlaces = readonly (TextSpan | null)[];

/**
 * The places of a prompt's tokens in a text.
 * @param span where the whole prompt stands in it
 */
export function wordPlaces(tokens: readonly PromptToken[], text: string, span: TextSpan): WordPlaces {
  const at = (offset: number): number => documentOffset({ promptSpan: span }, text, offset);
  return tokens.map(({ span: words }) =>
    words && words[0] < words[1] ? [at(words[0]), at(words[1])] : null,
  );
}

/**
 * Places after changes of the text: those that were touched are gone, the others move along.
 * @param changes of one event, the last in the text first, as the editor tells them
 */
export function movePlaces(places: WordPlaces, changes: readonly TextEdit[]): WordPlaces {
  return changes.reduce<WordPlaces>(
    (moved, change) => moved.map((place) => place && movePlace(place, change)),
    places,
  );
}

function movePlace(place: TextSpan, { rangeOffset, rangeLength, text }: TextEdit): TextSpan | null {
  const [from, to] = place;
  const end = rangeOffset + rangeLength;
  if (rangeOffset >= to) return place;
  if (end > from) return null;
  const by = text.length - rangeLength;
  return [from + by, to + by];
}
