import * as vscode from "vscode";
import { RUN_OUTPUT_MIME } from "../../protocol/notebookOutput.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";

/** Context key: addresses of the cells that show a run, for the menus of cells. */
export const CELLS_WITH_RUNS = "dexar.cellsWithRuns";

/** Keeps the menus of cells in step with the outputs: a run can be opened only where there is one. */
export function tellCellsWithRuns(): vscode.Disposable {
  let told = "[]";
  const tell = (): void => {
    const addresses = cellsWithRuns();
    const now = JSON.stringify(addresses);
    if (now !== told) void vscode.commands.executeCommand("setContext", CELLS_WITH_RUNS, addresses);
    told = now;
  };
  tell();
  return vscode.Disposable.from(
    vscode.workspace.onDidOpenNotebookDocument(tell),
    vscode.workspace.onDidCloseNotebookDocument(tell),
    vscode.workspace.onDidChangeNotebookDocument(({ contentChanges, cellChanges }) => {
      if (contentChanges.length > 0 || cellChanges.some(({ outputs }) => outputs !== undefined)) tell();
    }),
  );
}

function cellsWithRuns(): readonly string[] {
  return vscode.workspace.notebookDocuments
    .filter(({ notebookType }) => notebookType === NOTEBOOK_TYPE)
    .flatMap((notebook) => notebook.getCells())
    .filter(({ outputs }) => outputs.some(({ items }) => items.some(({ mime }) => mime === RUN_OUTPUT_MIME)))
    .map(({ document }) => document.uri.toString());
}
