import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { tokenLabel } from "../../core/run/tokenLabel.js";
import type { Services } from "../services.js";
import { runsOfCell, type CellRun } from "./cellRuns.js";

/**
 * Shows a cell's run in a panel; asks which when it has several.
 * @throws DexarError `no-output`, `run-missing`
 */
export async function openCellRun(
  cell: vscode.NotebookCell,
  { runs, panels }: Pick<Services, "runs" | "panels">,
): Promise<void> {
  const found = await runsOfCell(cell);
  if (found.length === 0) throw noOutput();
  await runs.ready;
  const kept = found.filter(({ runId }) => runs.get(runId) !== undefined);
  if (kept.length === 0) throw notKept();
  const chosen = kept.length === 1 ? kept[0] : await pick(kept);
  if (chosen) await panels.openRun(chosen.runId);
}

async function pick(kept: readonly CellRun[]): Promise<CellRun | undefined> {
  const items = kept.map((run) => ({
    label: run.data.info.image.name,
    iconPath: new vscode.ThemeIcon("file-media"),
    detail: run.data.info.tokens.map(({ text }) => tokenLabel(text)).join(""),
    run,
  }));
  const title = vscode.l10n.t("Open in Panel");
  return (await vscode.window.showQuickPick(items, { title }))?.run;
}

function noOutput(): DexarError {
  return new DexarError(
    "no-output",
    vscode.l10n.t("This cell shows no run yet."),
    vscode.l10n.t("Run the cell first."),
  );
}

function notKept(): DexarError {
  return new DexarError(
    "run-missing",
    vscode.l10n.t("The run of this cell is no longer kept; the notebook has its result, not its gradients."),
    vscode.l10n.t("Run the cell again, then open it in the panel."),
  );
}
