import * as vscode from "vscode";
import { runTitle, type ExportFormat, type RunEntry, type Services } from "../services.js";

type FileFormat = Exclude<ExportFormat, "png">;

/** Saves a run where the user says, and says so; asks for the format when none is given. */
export async function exportRun(
  entry: RunEntry,
  services: Pick<Services, "exportRun">,
  format: FileFormat | null,
): Promise<void> {
  const chosen = format ?? (await pickFormat(entry));
  if (chosen === null) return;
  const saved = await services.exportRun(entry.id, chosen);
  if (saved !== null) void vscode.window.showInformationMessage(vscode.l10n.t("Saved {0}.", saved));
}

async function pickFormat(entry: RunEntry): Promise<FileFormat | null> {
  const items: (vscode.QuickPickItem & { format: FileFormat })[] = [
    {
      label: vscode.l10n.t("Page (HTML)"),
      detail: vscode.l10n.t("One file with picture, tokens and heatmaps; opens in any browser."),
      format: "html",
    },
    {
      label: vscode.l10n.t("Data (JSON)"),
      detail: vscode.l10n.t("Tokens, scores and heatmaps as numbers."),
      format: "json",
    },
    {
      label: vscode.l10n.t("Run file (.dexar)"),
      detail: vscode.l10n.t("Everything, to open again without the model."),
      format: "run",
    },
  ];
  const options = { title: runTitle(entry), placeHolder: vscode.l10n.t("Which format?") };
  return (await vscode.window.showQuickPick(items, options))?.format ?? null;
}
