import * as vscode from "vscode";
import { parsePromptFile } from "../../core/prompts/parsePromptFile.js";
import type { TextSpan } from "../../core/prompts/types.js";
import { DexarError } from "../../core/errors.js";
import { documentName, openDocument } from "./promptDocument.js";
import { isCell, type WordsPlace } from "./readAgain.js";

/**
 * Shows the document of a question, with its words selected.
 * @param beside column to leave free, as the asking panel's; undefined: any is fine
 * @throws DexarError `source-missing` when the document is gone
 */
export async function showSource(
  uri: vscode.Uri,
  place: WordsPlace,
  beside?: vscode.ViewColumn,
): Promise<void> {
  const document = await openDocument(uri).then(
    (found) => found,
    () => {
      throw sourceMissing(uri);
    },
  );
  const text = document.getText();
  const span = place.whole ? parsePromptFile(text).promptSpan : place.span;
  const words = rangeOf(document, span);
  const editor = isCell(uri) ? await showCell(uri) : await showText(document, beside);
  if (editor === null) return;
  editor.selection = new vscode.Selection(words.start, words.end);
  editor.revealRange(words, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

/** A span of a document's text as lines and columns; what lies beyond the end is taken to it. */
export function rangeOf(document: vscode.TextDocument, [from, to]: TextSpan): vscode.Range {
  return new vscode.Range(document.positionAt(from), document.positionAt(to));
}

async function showText(
  document: vscode.TextDocument,
  beside: vscode.ViewColumn | undefined,
): Promise<vscode.TextEditor> {
  const visible = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  const viewColumn = visible?.viewColumn ?? columnOf(document.uri) ?? otherThan(beside);
  return vscode.window.showTextDocument(document, { viewColumn, preview: false });
}

/** Opens the notebook at the cell; its editor is among the visible ones then, unless the editor shows it elsewhere. */
async function showCell(uri: vscode.Uri): Promise<vscode.TextEditor | null> {
  for (const notebook of vscode.workspace.notebookDocuments) {
    const cell = notebook.getCells().find(({ document }) => document.uri.toString() === uri.toString());
    if (cell === undefined) continue;
    const range = new vscode.NotebookRange(cell.index, cell.index + 1);
    const editor = await vscode.window.showNotebookDocument(notebook, { selections: [range] });
    editor.revealRange(range, vscode.NotebookEditorRevealType.InCenterIfOutsideViewport);
    return vscode.window.visibleTextEditors.find(({ document }) => document === cell.document) ?? null;
  }
  throw sourceMissing(uri);
}

function columnOf(uri: vscode.Uri): vscode.ViewColumn | undefined {
  const shows = ({ input }: vscode.Tab): boolean =>
    input instanceof vscode.TabInputText && input.uri.toString() === uri.toString();
  return vscode.window.tabGroups.all.find(({ tabs }) => tabs.some(shows))?.viewColumn;
}

function otherThan(column: vscode.ViewColumn | undefined): vscode.ViewColumn {
  if (column === undefined) return vscode.ViewColumn.Active;
  return column === vscode.ViewColumn.One ? vscode.ViewColumn.Two : vscode.ViewColumn.One;
}

function sourceMissing(uri: vscode.Uri): DexarError {
  return new DexarError(
    "source-missing",
    vscode.l10n.t("{0} is not there any more.", documentName(uri)),
    vscode.l10n.t("The words it asked are kept: run them again here."),
  );
}
