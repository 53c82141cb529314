import type * as vscode from "vscode";
import { parsePromptFile } from "../../core/prompts/parsePromptFile.js";
import type { TextSpan } from "../../core/prompts/types.js";
import { isPromptDocument } from "../prompts/promptDocument.js";

/** What of a document its words are found by. */
export type WordsDocument = Pick<vscode.TextDocument, "getText" | "languageId" | "eol">;

/** Where the words of a prompt stand in a document. */
export interface FoundWords {
  readonly region: TextSpan;
  /** They are all words of a prompt file or cell, not some that were selected. */
  readonly whole: boolean;
}

/**
 * Finds the words of a prompt as they were asked; null when they are not there, or in more than one place.
 * @param words the prompt, lines ended by "\n"
 * @param expected where they stood when they were asked
 */
export function findWords(document: WordsDocument, words: string, expected: TextSpan): FoundWords | null {
  const whole = wholeWords(document, words);
  if (whole !== null) return whole;
  if (isThere(document, words, expected)) return { region: expected, whole: false };
  const text = document.getText();
  const written = text.includes("\r\n") ? words.replaceAll("\n", "\r\n") : words;
  const from = words === "" ? -1 : text.indexOf(written);
  if (from < 0 || text.includes(written, from + 1)) return null;
  return { region: [from, from + written.length], whole: false };
}

/** The words again where they were found, after an edit has moved them; null when they are not the same any more. */
export function foundAgain(document: WordsDocument, words: string, found: FoundWords): FoundWords | null {
  if (found.whole) return wholeWords(document, words);
  return isThere(document, words, found.region) ? found : null;
}

function wholeWords(document: WordsDocument, words: string): FoundWords | null {
  if (!isPromptDocument(document)) return null;
  const { prompt, promptSpan } = parsePromptFile(document.getText());
  return prompt === words ? { region: promptSpan, whole: true } : null;
}

function isThere(document: WordsDocument, words: string, [from, to]: TextSpan): boolean {
  return document.getText().slice(from, to).replace(/\r\n?/g, "\n") === words;
}
