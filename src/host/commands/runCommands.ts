import * as vscode from "vscode";
import type { RunEntry, Services } from "../services.js";
import { runTitle } from "../services.js";
import type { CommandHandler, CommandTable, GetServices } from "./command.js";
import { chosenRuns } from "./chosenRuns.js";
import { exportRun } from "./exportRun.js";
import { openPromptOfRun } from "./openPromptOfRun.js";
import { openAsFile, openRunFiles } from "./openRunFiles.js";

type Work = (entries: readonly RunEntry[], services: Services) => Promise<unknown>;

/** What can be done with runs; each command takes the runs of the view's menu, or asks for one. */
export function runCommands(services: GetServices): CommandTable {
  const withRuns =
    (title: () => string, work: Work): CommandHandler =>
    async (...args) => {
      const entries = await chosenRuns(services().runs, args, title());
      if (entries.length > 0) await work(entries, services());
    };
  return {
    ...openCommands(withRuns),
    "dexar.runs.pin": withRuns(() => vscode.l10n.t("Pin Run"), pinned(true)),
    "dexar.runs.unpin": withRuns(() => vscode.l10n.t("Unpin Run"), pinned(false)),
    "dexar.runs.rename": withRuns(() => vscode.l10n.t("Rename Run"), renameFirst),
    "dexar.runs.save": withRuns(
      () => vscode.l10n.t("Save Run File"),
      each((entry, all) => exportRun(entry, all, "run")),
    ),
    "dexar.runs.export": withRuns(
      () => vscode.l10n.t("Export Run"),
      each((entry, all) => exportRun(entry, all, null)),
    ),
    "dexar.runs.delete": withRuns(() => vscode.l10n.t("Delete Run"), deleteRuns),
    "dexar.runs.deleteAll": () => deleteAll(services()),
    "dexar.runs.revealFile": withRuns(
      () => vscode.l10n.t("Reveal Run File"),
      each(async ({ saved }) =>
        vscode.commands.executeCommand("revealFileInOS", vscode.Uri.file(saved.runPath)),
      ),
    ),
    "dexar.runs.copyPath": withRuns(
      () => vscode.l10n.t("Copy Path of Run File"),
      async (entries) => vscode.env.clipboard.writeText(entries.map(({ saved }) => saved.runPath).join("\n")),
    ),
  };
}

/** Showing a run, its file and its prompt. */
function openCommands(withRuns: (title: () => string, work: Work) => CommandHandler): CommandTable {
  return {
    "dexar.runs.open": withRuns(
      () => vscode.l10n.t("Open Run"),
      each(({ id }, { panels }) => panels.openRun(id)),
    ),
    "dexar.runs.openFile": () => openRunFiles(),
    "dexar.runs.openAsFile": withRuns(
      () => vscode.l10n.t("Open Run as File"),
      each(({ saved }) => openAsFile(vscode.Uri.file(saved.runPath))),
    ),
    "dexar.runs.openPrompt": withRuns(
      () => vscode.l10n.t("Open Prompt of Run"),
      each((entry) => openPromptOfRun(entry)),
    ),
    "dexar.runs.rerun": withRuns(
      () => vscode.l10n.t("Re-run with Changes"),
      async ([first], all) => first && all.rerun(first.id),
    ),
    "dexar.runs.continue": withRuns(
      () => vscode.l10n.t("Continue Answer of Run"),
      async ([first], all) => first && all.continueRun(first.id),
    ),
  };
}

function each(work: (entry: RunEntry, services: Services) => Promise<unknown>): Work {
  return async (entries, services) => {
    for (const entry of entries) await work(entry, services);
  };
}

function pinned(pin: boolean): Work {
  return each(({ id }, { runs }) => runs.setPinned(id, pin));
}

async function renameFirst([entry]: readonly RunEntry[], { runs }: Services): Promise<void> {
  if (!entry) return;
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t("Rename Run"),
    value: runTitle(entry),
    prompt: vscode.l10n.t("Empty: named after its picture and prompt."),
  });
  if (name !== undefined && name !== runTitle(entry)) await runs.rename(entry.id, name);
}

async function deleteRuns(entries: readonly RunEntry[], { runs }: Services): Promise<void> {
  const [first] = entries;
  if (!first) return;
  const question =
    entries.length === 1
      ? vscode.l10n.t('Delete the run "{0}"?', runTitle(first))
      : vscode.l10n.t("Delete {0} runs?", entries.length);
  if (!(await confirmDelete(question))) return;
  for (const { id } of entries) await runs.delete(id);
}

async function deleteAll({ runs }: Services): Promise<void> {
  await runs.ready;
  const count = runs.entries.length;
  if (count > 0 && (await confirmDelete(vscode.l10n.t("Delete all {0} runs?", count)))) await runs.clear();
}

async function confirmDelete(question: string): Promise<boolean> {
  const remove = vscode.l10n.t("Delete");
  const detail = vscode.l10n.t("This cannot be undone. Files you have saved elsewhere stay.");
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, remove);
  return answer === remove;
}
