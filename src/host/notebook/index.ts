import * as vscode from "vscode";
import { PROMPT_LANGUAGE } from "../prompts/promptDocument.js";
import type { CellRunner } from "./cellRunner.js";
import { CellStatusBar } from "./cellStatusBar.js";
import { tellCellsWithRuns } from "./cellsWithRuns.js";
import { NotebookQueue } from "./notebookQueue.js";
import { NotebookSerializer } from "./notebookSerializer.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";
import { offerReload, savesOutputs } from "./savesOutputs.js";

/**
 * Registers all of the notebook that is no command: how it is read and written, and who runs its cells.
 * @param runner made when the first cell runs
 */
export function registerNotebook(context: vscode.ExtensionContext, runner: () => CellRunner): void {
  const withOutputs = savesOutputs();
  const bar = new CellStatusBar();
  context.subscriptions.push(
    vscode.workspace.registerNotebookSerializer(NOTEBOOK_TYPE, new NotebookSerializer(savesOutputs), {
      transientOutputs: !withOutputs,
    }),
    offerReload(withOutputs),
    makeController(new NotebookQueue(runner)),
    bar,
    tellCellsWithRuns(),
    vscode.notebooks.registerNotebookCellStatusBarItemProvider(NOTEBOOK_TYPE, bar),
  );
}

/** Each cell that is started gets an execution of its own, whose token its Stop button cancels; Interrupt cancels all. */
function makeController(queue: NotebookQueue): vscode.NotebookController {
  const controller = vscode.notebooks.createNotebookController("dexar.model", NOTEBOOK_TYPE, "DEX-AR");
  controller.description = vscode.l10n.t("The model on this machine");
  controller.supportedLanguages = [PROMPT_LANGUAGE];
  controller.supportsExecutionOrder = true;
  controller.executeHandler = (cells, notebook) =>
    queue.run(
      cells.map((cell) => controller.createNotebookCellExecution(cell)),
      notebook,
    );
  return controller;
}
