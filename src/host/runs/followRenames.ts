import * as vscode from "vscode";
import { logError, type FailureLog } from "../errors/showError.js";
import type { RunStore } from "../services.js";

/** Lets runs follow the files whose words they were asked, when these are renamed in the editor. */
export function followRenames(runs: Pick<RunStore, "moveSource">, log: FailureLog): vscode.Disposable {
  return vscode.workspace.onDidRenameFiles(({ files }) => {
    for (const { oldUri, newUri } of files)
      runs.moveSource(oldUri, newUri).catch((error: unknown) => logError(error, log));
  });
}
