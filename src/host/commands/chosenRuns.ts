import * as vscode from "vscode";
import { formatTime } from "../views/formatTime.js";
import { runTitle, type RunEntry, type RunStore } from "../services.js";

/** The runs that a menu's arguments name (the one clicked, all that are selected); without any asks for one. */
export async function chosenRuns(
  runs: Pick<RunStore, "entries" | "get" | "ready">,
  [clicked, selected]: readonly unknown[],
  title: string,
): Promise<readonly RunEntry[]> {
  await runs.ready;
  const named = Array.isArray(selected) ? (selected as readonly unknown[]) : [clicked];
  const found = named.map((value) => runs.get(idOf(value))).filter((entry) => entry !== undefined);
  return found.length > 0 ? found : pickRun(runs.entries, title);
}

function idOf(value: unknown): string {
  if (typeof value === "string") return value;
  const isEntry = typeof value === "object" && value !== null && "id" in value;
  return isEntry && typeof value.id === "string" ? value.id : "";
}

async function pickRun(entries: readonly RunEntry[], title: string): Promise<readonly RunEntry[]> {
  if (entries.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("There are no runs yet. Explain a picture first."),
    );
    return [];
  }
  const items = entries.map((entry) => ({
    label: runTitle(entry),
    description: formatTime(entry.saved.info.time, new Date()),
    entry,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: vscode.l10n.t("Which run?"),
  });
  return chosen ? [chosen.entry] : [];
}
