import * as vscode from "vscode";
import { parsePromptFile } from "../../core/prompts/parsePromptFile.js";
import type { TextSpan } from "../../core/prompts/types.js";
import { openDocument } from "../prompts/promptDocument.js";
import type { QuestionSource } from "../services.js";

const CELL = "vscode-notebook-cell";

/** Where the words of a run stand now; `gone`: no such document, `changed`: it has other words. */
export type FoundPrompt =
  | { readonly kind: "found"; readonly uri: vscode.Uri; readonly span: TextSpan }
  | { readonly kind: "gone" | "changed" };

/** Looks for the words that were asked, in the document they were asked from. */
export async function findPrompt({ uri, span }: QuestionSource, prompt: string): Promise<FoundPrompt> {
  const documents = await documentsOf(uri);
  if (documents.length === 0) return { kind: "gone" };
  for (const document of documents) {
    const found = spanOf(document.getText(), span, prompt);
    if (found !== null) return { kind: "found", uri: document.uri, span: found };
  }
  return { kind: "changed" };
}

/** The document; of a notebook that was closed meanwhile all cells, for they have new addresses. */
async function documentsOf(uri: vscode.Uri): Promise<readonly vscode.TextDocument[]> {
  try {
    return [await openDocument(uri)];
  } catch {
    return uri.scheme === CELL ? cellsOf(uri) : [];
  }
}

async function cellsOf(cell: vscode.Uri): Promise<readonly vscode.TextDocument[]> {
  try {
    const file = cell.with({ scheme: "file", fragment: "" });
    const notebook = await vscode.workspace.openNotebookDocument(file);
    return notebook.getCells().map(({ document }) => document);
  } catch {
    return [];
  }
}

function spanOf(text: string, before: TextSpan, prompt: string): TextSpan | null {
  const wanted = plain(prompt);
  const isIt = (span: TextSpan): boolean => plain(text.slice(...span)) === wanted;
  if (isIt(before)) return before;
  // The front matter grew or shrank.
  const { promptSpan } = parsePromptFile(text);
  if (isIt(promptSpan)) return promptSpan;
  // A selection whose file changed around it.
  const at = wanted === "" ? -1 : text.indexOf(wanted);
  return at < 0 ? null : [at, at + wanted.length];
}

function plain(text: string): string {
  return text.replace(/\r\n?/g, "\n").trim();
}
