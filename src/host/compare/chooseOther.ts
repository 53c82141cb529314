import * as vscode from "vscode";
import type { CompareSource } from "../../protocol/compare.js";
import { runTitle, type RunEntry, type RunStore } from "../services.js";
import { formatTime } from "../views/formatTime.js";

type Runs = Pick<RunStore, "entries" | "get" | "ready">;

interface SourceItem extends vscode.QuickPickItem {
  /** Absent: a run file is asked for. */
  readonly source?: CompareSource;
}

/**
 * Asks what a run is compared with: itself, another run (those of the same picture first) or a run file.
 * @param token what of it is pinned, in words; null for the whole answer
 */
export async function chooseOther(
  runs: Runs,
  own: CompareSource,
  token: string | null,
): Promise<CompareSource | null> {
  await runs.ready;
  const id = own.kind === "run" ? own.id : null;
  const others = runs.entries.filter((entry) => entry.id !== id);
  const sha256 = id === null ? undefined : runs.get(id)?.saved.info.image.sha256;
  const samePicture = others.filter(({ saved }) => saved.info.image.sha256 === sha256);
  const itself: SourceItem = {
    label: token === null ? vscode.l10n.t("This Run Itself") : vscode.l10n.t("Another Token of This Run"),
    description: vscode.l10n.t("two of its tokens, or other settings"),
    source: own,
  };
  const items: (SourceItem | vscode.QuickPickItem)[] = [
    itself,
    ...group(vscode.l10n.t("same picture"), samePicture),
    ...group(
      vscode.l10n.t("other pictures"),
      others.filter((entry) => !samePicture.includes(entry)),
    ),
    ...fileItem(),
  ];
  const title =
    token === null ? vscode.l10n.t("Compare Run With") : vscode.l10n.t("Compare Token {0} With", token);
  return pick(items, title, vscode.l10n.t("Which run, or a token of this one?"));
}

/** Asks for a run or a run file. */
export async function chooseSource(runs: Runs, title: string): Promise<CompareSource | null> {
  await runs.ready;
  if (runs.entries.length === 0) return chooseFile();
  return pick([...runs.entries.map(runItem), ...fileItem()], title, vscode.l10n.t("Which run?"));
}

async function pick(
  items: readonly (SourceItem | vscode.QuickPickItem)[],
  title: string,
  placeHolder: string,
): Promise<CompareSource | null> {
  const chosen: SourceItem | undefined = await vscode.window.showQuickPick(items, {
    title,
    placeHolder,
    matchOnDescription: true,
  });
  if (!chosen) return null;
  return chosen.source ?? chooseFile();
}

function group(name: string, entries: readonly RunEntry[]): (SourceItem | vscode.QuickPickItem)[] {
  if (entries.length === 0) return [];
  return [{ label: name, kind: vscode.QuickPickItemKind.Separator }, ...entries.map(runItem)];
}

function runItem(entry: RunEntry): SourceItem {
  const { model, time } = entry.saved.info;
  return {
    label: runTitle(entry),
    description: [formatTime(time, new Date()), model.name, model.dtype].join(" · "),
    source: { kind: "run", id: entry.id },
  };
}

function fileItem(): (SourceItem | vscode.QuickPickItem)[] {
  return [
    { label: vscode.l10n.t("files"), kind: vscode.QuickPickItemKind.Separator },
    { label: vscode.l10n.t("Choose Run File…") },
  ];
}

async function chooseFile(): Promise<CompareSource | null> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t("Choose a Run File to Compare With"),
      filters: { [vscode.l10n.t("DEX-AR Run")]: ["dexar"] },
    })) ?? [];
  return chosen ? { kind: "file", uri: chosen.toString() } : null;
}
