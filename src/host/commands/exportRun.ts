import * as vscode from "vscode";
import { runTitle, type ExportFormat, type RunEntry, type Services } from "../services.js";

/** Saves a run where the user says, and says so; asks for the format when none is given. */
export async function exportRun(
  entry: RunEntry,
  services: Pick<Services, "exportRun">,
  format: ExportFormat | null,
): Promise<void> {
  const chosen = format ?? (await pickFormat(entry));
  if (chosen === null) return;
  const saved = await services.exportRun(entry.id, chosen);
  if (saved !== null) void vscode.window.showInformationMessage(vscode.l10n.t("Saved {0}.", saved));
}

async function pickFormat(entry: RunEntry): Promise<ExportFormat | null> {
  const items: (vscode.QuickPickItem & { format: ExportFormat })[] = [
    {
      label: vscode.l10n.t("Picture (PNG)"),
      detail: vscode.l10n.t(
        "The picture with the whole answer's heatmap, in the size and resolution of the settings.",
      ),
      format: "png",
    },
    {
      label: vscode.l10n.t("Picture (SVG)"),
      detail: vscode.l10n.t("The same for a paper: its words and cells stay sharp and can be edited."),
      format: "svg",
    },
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
