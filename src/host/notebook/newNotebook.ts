import * as vscode from "vscode";
import { PROMPT_LANGUAGE } from "../prompts/promptDocument.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";

/** Opens a notebook without a file, with one cell that asks `prompt`. */
export async function newNotebook(prompt: string): Promise<void> {
  const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, prompt, PROMPT_LANGUAGE);
  const data = new vscode.NotebookData([cell]);
  const notebook = await vscode.workspace.openNotebookDocument(NOTEBOOK_TYPE, data);
  await vscode.window.showNotebookDocument(notebook);
}
