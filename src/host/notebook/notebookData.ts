import * as vscode from "vscode";
import type { CellExecution, Notebook, NotebookCell } from "../../core/notebook/types.js";
import { PROMPT_LANGUAGE } from "../prompts/promptDocument.js";
import { keepFields, keptFields } from "./keptFields.js";
import { toEditorOutput, toFileOutput } from "./outputData.js";

/** A notebook of the file as the editor has it. */
export function toEditorNotebook({ metadata, cells, unknown }: Notebook): vscode.NotebookData {
  const data = new vscode.NotebookData(cells.map(toEditorCell));
  data.metadata = keepFields({ metadata, unknown });
  return data;
}

/**
 * A notebook of the editor as the file has it.
 * @param withResults also what running the cells gave: outputs, times and order
 */
export function toFileNotebook(data: vscode.NotebookData, withResults: boolean): Notebook {
  const { metadata = {}, unknown = [] } = keptFields(data.metadata);
  return { metadata, cells: data.cells.map((cell) => toFileCell(cell, withResults)), unknown };
}

function toEditorCell(cell: NotebookCell): vscode.NotebookCellData {
  const { id, source, metadata, execution, unknown } = cell;
  const data =
    cell.kind === "markdown"
      ? new vscode.NotebookCellData(vscode.NotebookCellKind.Markup, source, "markdown")
      : new vscode.NotebookCellData(vscode.NotebookCellKind.Code, source, PROMPT_LANGUAGE);
  data.metadata = keepFields({ id, metadata, unknown, execution: execution?.unknown ?? [] });
  data.outputs = cell.outputs.map(toEditorOutput);
  if (execution) data.executionSummary = toSummary(execution);
  return data;
}

function toFileCell(data: vscode.NotebookCellData, withResults: boolean): NotebookCell {
  const { id = null, metadata = {}, unknown = [], execution = [] } = keptFields(data.metadata);
  return {
    id,
    kind: data.kind === vscode.NotebookCellKind.Markup ? "markdown" : "prompt",
    source: data.value,
    metadata,
    execution: withResults ? toExecution(data.executionSummary ?? {}, execution) : null,
    outputs: withResults ? (data.outputs ?? []).map(toFileOutput) : [],
    unknown,
  };
}

function toSummary({ order, start, duration, success }: CellExecution): vscode.NotebookCellExecutionSummary {
  return {
    ...(order !== null && { executionOrder: order }),
    ...(success !== null && { success }),
    ...(start !== null && duration !== null && { timing: { startTime: start, endTime: start + duration } }),
  };
}

/** null for a cell that was never run, or whose results were cleared. */
function toExecution(
  { executionOrder, success, timing }: vscode.NotebookCellExecutionSummary,
  unknown: CellExecution["unknown"],
): CellExecution | null {
  const execution = {
    order: executionOrder ?? null,
    start: timing?.startTime ?? null,
    duration: timing ? Math.max(0, timing.endTime - timing.startTime) : null,
    success: success ?? null,
    unknown,
  };
  const { order, start } = execution;
  const nothing = order === null && start === null && execution.success === null && unknown.length === 0;
  return nothing ? null : execution;
}
