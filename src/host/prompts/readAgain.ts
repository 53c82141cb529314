import * as vscode from "vscode";
import type { TextSpan } from "../../core/prompts/types.js";
import { DexarError } from "../../core/errors.js";
import type { KnownModels, Question, QuestionSource } from "../services.js";
import { baseFolder, documentName, openDocument } from "./promptDocument.js";
import { promptQuestions } from "./promptQuestions.js";

/** A question that came from a document. */
export type LinkedQuestion = Question & { readonly source: QuestionSource };

/** Where in its document a question's words are. */
export interface WordsPlace {
  /** The document is the prompt, with its front matter; else the words are those in `span`. */
  readonly whole: boolean;
  /** As it is now, after edits. */
  readonly span: TextSpan;
}

/**
 * The question as its document asks it now (unsaved text too), about the same picture; null when there is no such
 * document any more.
 * @throws DexarError what `promptQuestions` throws; `selection-empty`
 */
export async function readAgain(
  asked: LinkedQuestion,
  place: WordsPlace,
  models: Pick<KnownModels, "resolve">,
): Promise<LinkedQuestion | null> {
  const { image, live, source } = asked;
  const document = await openDocument(source.uri).then(
    (found) => found,
    () => null,
  );
  if (document === null) return null;
  const present = { uri: source.uri, version: document.version };
  if (!place.whole) return { ...asked, ...selectedWords(document, place.span) };
  const { questions } = await promptQuestions(document.getText(), {
    source: present,
    base: baseFolder(source.uri),
    models,
    images: [image],
    // What a notebook gives its cells is not in the cell's own text.
    ...(isCell(source.uri) && asked.model ? { defaults: { model: asked.model.dir } } : {}),
  });
  const [question] = questions;
  return question === undefined
    ? null
    : { ...question, ...(live !== undefined && { live }), source: question.source ?? source };
}

/**
 * Words of a document as a question has them: without blanks around them, lines ended by "\n".
 * @throws DexarError `selection-empty`
 */
export function selectedWords(
  document: vscode.TextDocument,
  [from, to]: TextSpan,
): { readonly prompt: string; readonly source: QuestionSource } {
  const text = document.getText().slice(from, to);
  const words = text.trim();
  if (words === "") throw nothingSelected(document.uri);
  const start = from + text.indexOf(words);
  const source = {
    uri: document.uri,
    version: document.version,
    span: [start, start + words.length] as const,
  };
  return { prompt: words.replace(/\r\n?/g, "\n"), source };
}

/** Whether a document is a cell of a notebook. */
export function isCell({ scheme }: vscode.Uri): boolean {
  return scheme === "vscode-notebook-cell";
}

function nothingSelected(uri: vscode.Uri): DexarError {
  return new DexarError(
    "selection-empty",
    vscode.l10n.t("No words are selected in {0}.", documentName(uri)),
    vscode.l10n.t("Select the words to ask, then try again."),
  );
}
