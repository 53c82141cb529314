import path from "node:path";
import * as vscode from "vscode";
import { logError, type FailureLog } from "../errors/showError.js";
import { proposedPlace } from "../export/proposedPlace.js";
import type { RunStore } from "../services.js";
import { writeFailed } from "../writeFailed.js";
import { writeFileAtomically } from "../writeFileAtomically.js";
import { runsOfCell } from "./cellRuns.js";

interface RunFileName {
  readonly runId: string;
  readonly name: string;
}

/**
 * Asks for a folder and writes the run of each output there, numbered by cell (`03-cat.dexar`, of several pictures
 * `03-2-cat.dexar`); says which runs are no longer kept.
 * @throws DexarError `output-write-failed`
 */
export async function exportRunFiles(
  notebook: vscode.NotebookDocument,
  runs: RunStore,
  log: FailureLog,
): Promise<void> {
  const files = await runFileNames(notebook);
  if (files.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("This notebook shows no runs yet: run its cells first."),
    );
    return;
  }
  const folder = await askFolder();
  if (folder === null || !(await mayReplace(folder, files))) return;
  await runs.ready;
  const missing: string[] = [];
  for (const { runId, name } of files) {
    const content = await readRun(runs, runId, log);
    if (content === null) missing.push(name);
    else await write(vscode.Uri.joinPath(folder, name), content);
  }
  say(files.length - missing.length, path.posix.basename(folder.path), missing);
}

async function runFileNames(notebook: vscode.NotebookDocument): Promise<RunFileName[]> {
  const cells = await Promise.all(notebook.getCells().map(runsOfCell));
  const digits = Math.max(2, String(cells.length).length);
  return cells.flatMap((found, index) => {
    const number = String(index + 1).padStart(digits, "0");
    return found.map(({ runId, data }, output) => {
      const part = found.length > 1 ? `-${output + 1}` : "";
      const place = proposedPlace(vscode.Uri.file(`/${data.info.image.name}`), "", "dexar");
      return { runId, name: `${number}${part}-${path.posix.basename(place.path)}` };
    });
  });
}

async function askFolder(): Promise<vscode.Uri | null> {
  const found = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Folder for the Run Files"),
    openLabel: vscode.l10n.t("Save Here"),
    canSelectFiles: false,
    canSelectFolders: true,
  });
  return found?.[0] ?? null;
}

async function mayReplace(folder: vscode.Uri, files: readonly RunFileName[]): Promise<boolean> {
  const there = await vscode.workspace.fs.readDirectory(folder);
  const names = new Set(there.map(([name]) => name));
  const replaced = files.filter(({ name }) => names.has(name));
  if (replaced.length === 0) return true;
  const replace = vscode.l10n.t("Replace");
  const question =
    replaced.length === 1
      ? vscode.l10n.t("1 of the files is there already. Replace it?")
      : vscode.l10n.t("{0} of the files are there already. Replace them?", replaced.length);
  const detail = replaced.map(({ name }) => name).join("\n");
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, replace)) === replace;
}

/** null for a run that was deleted, or whose file was. */
async function readRun(runs: RunStore, runId: string, log: FailureLog): Promise<Uint8Array | null> {
  try {
    return (await runs.read(runId)).file;
  } catch (error) {
    logError(error, log);
    return null;
  }
}

async function write(place: vscode.Uri, content: Uint8Array): Promise<void> {
  if (place.scheme === "file") return writeFileAtomically(place.fsPath, content);
  try {
    await vscode.workspace.fs.writeFile(place, content);
  } catch (cause) {
    throw writeFailed(path.posix.basename(place.path), cause);
  }
}

function say(saved: number, folder: string, missing: readonly string[]): void {
  const done =
    saved === 1
      ? vscode.l10n.t("Saved 1 run file in {0}.", folder)
      : vscode.l10n.t("Saved {0} run files in {1}.", saved, folder);
  if (missing.length === 0) {
    void vscode.window.showInformationMessage(done);
    return;
  }
  const lost = vscode.l10n.t(
    "These runs are no longer kept and have no file: {0}. Run their cells again.",
    missing.join(", "),
  );
  void vscode.window.showWarningMessage(saved === 0 ? lost : `${done} ${lost}`);
}
