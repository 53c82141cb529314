import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";

/**
 * The notebook a command is called for: of the cell or toolbar it was called from, else the one in front.
 * @throws DexarError `no-notebook`
 */
export function chosenNotebook(args: readonly unknown[]): vscode.NotebookDocument {
  const found =
    chosenCell(args)?.notebook ?? ofToolbar(args[0]) ?? vscode.window.activeNotebookEditor?.notebook;
  if (found?.notebookType === NOTEBOOK_TYPE) return found;
  throw new DexarError(
    "no-notebook",
    vscode.l10n.t("No DEX-AR notebook is open in front."),
    vscode.l10n.t("Open a notebook (*.vlmnb), or make one with “New DEX-AR Notebook”."),
  );
}

/** The cell a command of a cell's toolbar is called for; from elsewhere the selected one. */
export function chosenCell([first]: readonly unknown[]): vscode.NotebookCell | null {
  if (isCell(first)) return first;
  const editor = vscode.window.activeNotebookEditor;
  if (first !== undefined || editor?.notebook.notebookType !== NOTEBOOK_TYPE) return null;
  const { notebook, selection } = editor;
  return selection.start < notebook.cellCount ? notebook.cellAt(selection.start) : null;
}

function isCell(value: unknown): value is vscode.NotebookCell {
  return typeof value === "object" && value !== null && "notebook" in value && "document" in value;
}

/** A notebook's toolbar names its editor's document. */
function ofToolbar(value: unknown): vscode.NotebookDocument | undefined {
  if (typeof value !== "object" || value === null || !("notebookEditor" in value)) return undefined;
  const { notebookUri } = value.notebookEditor as { readonly notebookUri?: vscode.Uri };
  return vscode.workspace.notebookDocuments.find(({ uri }) => uri.toString() === notebookUri?.toString());
}
