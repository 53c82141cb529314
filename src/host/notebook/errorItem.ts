import * as vscode from "vscode";
import { shortPaths } from "../errors/shortPaths.js";
import { shownFailure } from "../errors/shownFailure.js";

/** A failure as the editor shows it below a cell: what is wrong, and on the next line what to do; no stack. */
export function errorItem(error: unknown): vscode.NotebookCellOutputItem {
  const { message, nextStep } = shownFailure(error).error;
  const shown = new Error(`${shortPaths(message)}\n${shortPaths(nextStep)}`);
  // The editor writes it before the message; codes are for the log.
  shown.name = "";
  shown.stack = "";
  return vscode.NotebookCellOutputItem.error(shown);
}
