import path from "node:path";
import * as vscode from "vscode";

/** Language of prompt files and of prompt cells (package.json). */
export const PROMPT_LANGUAGE = "vlm-prompt";

/** Ending of prompt files. */
export const PROMPT_ENDING = ".vlm.md";

/** Whether a whole document is a prompt with its front matter, and not a text that somebody selects words in. */
export function isPromptDocument({ languageId }: Pick<vscode.TextDocument, "languageId">): boolean {
  return languageId === PROMPT_LANGUAGE;
}

/** The open document of an address, with what is not saved yet. */
export function openedDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
}

/** The document of an address: the open one, else read from disk. */
export async function openDocument(uri: vscode.Uri): Promise<vscode.TextDocument> {
  return openedDocument(uri) ?? (await vscode.workspace.openTextDocument(uri));
}

/** The folder that relative paths of a document start in; null for one that has no place yet. */
export function baseFolder(uri: vscode.Uri): vscode.Uri | null {
  const file = fileOf(uri);
  if (file !== null) return vscode.Uri.joinPath(file, "..");
  return vscode.workspace.workspaceFolders?.[0]?.uri ?? null;
}

/** Shown name of a document: its file's. */
export function documentName(uri: vscode.Uri): string {
  return path.posix.basename((fileOf(uri) ?? uri).path);
}

/** The file a document is, will be saved as, or (a notebook's cell) lies in; null for an untitled one without a place. */
function fileOf(uri: vscode.Uri): vscode.Uri | null {
  if (uri.scheme === "vscode-notebook-cell") return notebookOf(uri);
  if (uri.scheme !== "untitled") return uri;
  if (!uri.path.startsWith("/")) return null;
  const folder = vscode.workspace.workspaceFolders?.find((one) => uri.path.startsWith(`${one.uri.path}/`));
  return uri.with({ scheme: folder?.uri.scheme ?? "file" });
}

function notebookOf(cell: vscode.Uri): vscode.Uri | null {
  const holds = (notebook: vscode.NotebookDocument): boolean =>
    notebook.getCells().some(({ document }) => document.uri.toString() === cell.toString());
  const notebook = vscode.workspace.notebookDocuments.find(holds);
  return notebook === undefined ? null : fileOf(notebook.uri);
}
