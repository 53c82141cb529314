import { movedSpan, type TextEdit } from "../panel/movedSpan.js";
import type { TintedRun } from "../services.js";
import { findWords, foundAgain, type FoundWords, type WordsDocument } from "./findWords.js";
import { movePlaces, wordPlaces, type WordPlaces } from "./wordPlaces.js";

/** The words of a run in an open document, followed through its edits. */
export interface TrackedWords extends FoundWords {
  /** By position of the prompt. */
  readonly places: WordPlaces;
  /** They are no longer what was asked; `places` has those that are. */
  readonly edited: boolean;
  /** How lines ended when this was worked out. */
  readonly eol: number;
}

type Asked = Pick<TintedRun, "prompt" | "source">;

/** Finds the words of a run in a document; null when they are not there as they were asked. */
export function findTrackedWords(document: WordsDocument, { prompt, source }: Asked): TrackedWords | null {
  const found = findWords(document, prompt.text, source.span);
  return found && tracked(document, prompt, found);
}

/**
 * The same words after changes of the document; null when nothing is known of them any more. Words that are as they
 * were asked again (undo) are all there again.
 */
export function followWords(
  words: TrackedWords,
  document: WordsDocument,
  asked: Asked,
  changes: readonly TextEdit[],
): TrackedWords | null {
  // Other line ends move everything, and no change says so.
  if (document.eol !== words.eol) return findTrackedWords(document, asked);
  const moved = { ...words, region: changes.reduce(movedSpan, words.region) };
  const found = foundAgain(document, asked.prompt.text, moved);
  if (found !== null) return tracked(document, asked.prompt, found);
  return { ...moved, places: movePlaces(words.places, changes), edited: true };
}

function tracked(
  document: WordsDocument,
  { tokens }: TintedRun["prompt"],
  { region, whole }: FoundWords,
): TrackedWords {
  const places = wordPlaces(tokens, document.getText(), region);
  return { region, whole, places, edited: false, eol: document.eol };
}
