import type * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import type { ReportData } from "../../core/run/reportData.js";
import { readRunOutput } from "../../core/run/runOutput.js";
import { RUN_OUTPUT_MIME } from "../../protocol/notebookOutput.js";

/** A run that an output of a cell shows. */
export interface CellRun {
  readonly runId: string;
  readonly data: ReportData;
}

/** The run in an output; null for an output without one, or one that is damaged. */
export async function runOfOutput(output: vscode.NotebookCellOutput): Promise<CellRun | null> {
  const item = output.items.find(({ mime }) => mime === RUN_OUTPUT_MIME);
  if (item === undefined) return null;
  try {
    return await readRunOutput(new TextDecoder().decode(item.data));
  } catch (error) {
    if (error instanceof DexarError) return null;
    throw error;
  }
}

/** The runs that a cell shows, in the order of its outputs. */
export async function runsOfCell(cell: vscode.NotebookCell): Promise<readonly CellRun[]> {
  return (await Promise.all(cell.outputs.map(runOfOutput))).filter((run) => run !== null);
}
