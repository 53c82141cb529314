import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { tokenLabel } from "../../core/run/tokenLabel.js";
import type { CompareSource } from "../../protocol/compare.js";
import type { ComparedToken } from "../../protocol/panel.js";
import type { CommandTable, GetServices } from "../commands/command.js";
import type { Services } from "../services.js";
import { chooseOther, chooseSource } from "./chooseOther.js";
import { readKeptSource } from "./compareSource.js";

/** Tells menus that a run file waits for the one to compare it with. */
const SELECTED_CONTEXT = "dexar.compareFileSelected";

/** Comparing two runs: from the Runs view, the panel, and run files in the explorer. */
export function compareCommands(services: GetServices): CommandTable {
  let selectedFile: vscode.Uri | null = null;
  return {
    "dexar.compare.runs": (...args) => compareRuns(services(), args),
    "dexar.compare.withPanel": (...args) => compareWithPanel(services(), args),
    "dexar.compare.selectFile": async (file) => {
      if (!(file instanceof vscode.Uri)) return;
      selectedFile = file;
      await vscode.commands.executeCommand("setContext", SELECTED_CONTEXT, true);
    },
    "dexar.compare.withSelectedFile": async (file) => {
      if (file instanceof vscode.Uri && selectedFile !== null)
        await services().comparisons.compare([fileSource(selectedFile), fileSource(file)]);
    },
    "dexar.compare.files": (...args) => compareFiles(services(), args),
  };
}

/** The runs that are selected in the view; what is missing is asked for. */
async function compareRuns(
  { runs, comparisons }: Services,
  [clicked, selected]: readonly unknown[],
): Promise<void> {
  await runs.ready;
  const named = Array.isArray(selected) ? (selected as readonly unknown[]) : [clicked];
  const entries = named.map((value) => runs.get(idOf(value))).filter((entry) => entry !== undefined);
  if (entries.length > 2)
    throw new DexarError(
      "too-many-runs",
      vscode.l10n.t("{0} runs are selected; two can be compared.", entries.length),
      vscode.l10n.t("Select two runs."),
    );
  const [first, second] = entries;
  const a: CompareSource | null = first
    ? { kind: "run", id: first.id }
    : await chooseSource(runs, vscode.l10n.t("Compare Runs: the First"));
  if (a === null) return;
  const b: CompareSource | null = second ? { kind: "run", id: second.id } : await otherThan(a, runs);
  if (b !== null) await comparisons.compare([a, b]);
}

function otherThan(a: CompareSource, runs: Services["runs"]): Promise<CompareSource | null> {
  if (a.kind === "run") return chooseOther(runs, a, null);
  return chooseSource(runs, vscode.l10n.t("Compare Runs: the Second"));
}

/** A run (of the panel in front when none is named) and the token that is pinned in it, with what a person chooses. */
async function compareWithPanel(
  { runs, panels, comparisons }: Services,
  [named, pinned]: readonly unknown[],
): Promise<void> {
  const front = panels.activeRunId;
  const own = readKeptSource(named) ?? (front === null ? null : ({ kind: "run", id: front } as const));
  if (own === null)
    throw new DexarError(
      "nothing-to-compare",
      vscode.l10n.t("There is no finished run in front."),
      vscode.l10n.t("Explain a picture or open a run first."),
    );
  const token = readToken(pinned);
  const other = await chooseOther(runs, own, token && tokenLabel(token.text));
  if (other !== null) await comparisons.compare([own, other], [token && [token.index], null]);
}

function readToken(value: unknown): ComparedToken | null {
  if (typeof value !== "object" || value === null) return null;
  const { index, text } = value as Record<string, unknown>;
  return typeof index === "number" && typeof text === "string" ? { index, text } : null;
}

/** Two run files that are selected in the explorer. */
async function compareFiles(
  { comparisons }: Services,
  [clicked, selected]: readonly unknown[],
): Promise<void> {
  const files = (Array.isArray(selected) ? (selected as readonly unknown[]) : [clicked]).filter(
    (value) => value instanceof vscode.Uri,
  );
  const [a, b] = files;
  if (files.length !== 2 || !a || !b)
    throw new DexarError(
      "two-files",
      vscode.l10n.t("Two run files can be compared; selected: {0}.", files.length),
      vscode.l10n.t("Select two run files in the explorer."),
    );
  await comparisons.compare([fileSource(a), fileSource(b)]);
}

function fileSource(uri: vscode.Uri): CompareSource {
  return { kind: "file", uri: uri.toString() };
}

function idOf(value: unknown): string {
  if (typeof value === "string") return value;
  const isEntry = typeof value === "object" && value !== null && "id" in value;
  return isEntry && typeof value.id === "string" ? value.id : "";
}
