import * as vscode from "vscode";
import type { CommandTable, GetServices } from "../commands/command.js";
import { chooseNotebookImages, chooseNotebookModel } from "./chooseDefaults.js";
import { chosenCell, chosenNotebook } from "./chosenNotebook.js";
import { exportPage } from "./exportPage.js";
import { exportRunFiles } from "./exportRunFiles.js";
import { newNotebook } from "./newNotebook.js";
import { openCellRun } from "./openCellRun.js";

/** What can be done with a notebook; each command takes the one it is called from, or the one in front. */
export function notebookCommands(services: GetServices, extensionUri: vscode.Uri): CommandTable {
  const bundles = (): string => vscode.Uri.joinPath(extensionUri, "dist").fsPath;
  return {
    "dexar.notebook.new": () => newNotebook(vscode.workspace.getConfiguration("dexar").get("prompt", "")),
    "dexar.notebook.setImage": (...args) => chooseNotebookImages(chosenNotebook(args)),
    "dexar.notebook.setModel": (...args) => chooseNotebookModel(chosenNotebook(args), services().models),
    "dexar.notebook.exportHtml": (...args) =>
      exportPage(chosenNotebook(args), bundles(), services().model.log),
    "dexar.notebook.exportRuns": (...args) =>
      exportRunFiles(chosenNotebook(args), services().runs, services().model.log),
    "dexar.notebook.openInPanel": async (...args) => {
      const cell = chosenCell(args) ?? chosenNotebook(args).cellAt(0);
      await openCellRun(cell, services());
    },
  };
}
