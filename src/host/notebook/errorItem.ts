import * as vscode from "vscode";
import { shownFailure } from "../errors/shownFailure.js";

/** A failure as the editor shows it below a cell: code, what is wrong, what to do; no stack. */
export function errorItem(error: unknown): vscode.NotebookCellOutputItem {
  const { code, message, nextStep } = shownFailure(error).error;
  const shown = new Error(`${message} ${nextStep}`);
  shown.name = code;
  shown.stack = "";
  return vscode.NotebookCellOutputItem.error(shown);
}
