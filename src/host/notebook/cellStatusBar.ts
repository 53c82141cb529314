import path from "node:path";
import * as vscode from "vscode";
import { parsePromptFile } from "../../core/prompts/parsePromptFile.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";
import { notebookDefaults, type NotebookDefaults } from "./notebookDefaults.js";

/** Below each prompt cell: its picture and model, from the cell or from the notebook. */
export class CellStatusBar implements vscode.NotebookCellStatusBarItemProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCellStatusBarItems = this.changed.event;
  private readonly listener = vscode.workspace.onDidChangeNotebookDocument((change) => {
    if (change.notebook.notebookType === NOTEBOOK_TYPE && change.metadata) this.changed.fire();
  });

  provideCellStatusBarItems(cell: vscode.NotebookCell): vscode.NotebookCellStatusBarItem[] {
    if (cell.kind !== vscode.NotebookCellKind.Code) return [];
    const { images, model } = parsePromptFile(cell.document.getText()).fields;
    const defaults = readDefaults(cell.notebook);
    return [
      pictureItem(images?.value ?? defaults.images ?? [], images !== undefined),
      ...modelItem(model?.value ?? defaults.model, model !== undefined),
    ];
  }

  dispose(): void {
    this.listener.dispose();
    this.changed.dispose();
  }
}

/** What cannot be read is said when the cell runs. */
function readDefaults(notebook: vscode.NotebookDocument): NotebookDefaults {
  try {
    return notebookDefaults(notebook);
  } catch {
    return {};
  }
}

function pictureItem(images: readonly string[], ofCell: boolean): vscode.NotebookCellStatusBarItem {
  const [first, ...others] = images;
  if (first === undefined) {
    const text = vscode.l10n.t("Choose a picture…");
    return item(
      `$(file-media) ${text}`,
      vscode.l10n.t("No picture yet. Choose one for the notebook"),
      "setImage",
    );
  }
  const name = path.posix.basename(first);
  const text = others.length === 0 ? name : vscode.l10n.t("{0} and {1} more", name, others.length);
  const tooltip = ofCell
    ? vscode.l10n.t("Picture of this cell: {0}", images.join(", "))
    : vscode.l10n.t("Picture of the notebook: {0}. Choose another", images.join(", "));
  return item(`$(file-media) ${text}`, tooltip, ofCell ? null : "setImage");
}

function modelItem(model: string | undefined, ofCell: boolean): vscode.NotebookCellStatusBarItem[] {
  if (model === undefined) return [];
  const name = path.basename(model);
  const tooltip = ofCell
    ? vscode.l10n.t("Model of this cell: {0}", model)
    : vscode.l10n.t("Model of the notebook: {0}. Choose another", model);
  return [item(`$(chip) ${name}`, tooltip, ofCell ? null : "setModel")];
}

function item(
  text: string,
  tooltip: string,
  command: "setImage" | "setModel" | null,
): vscode.NotebookCellStatusBarItem {
  const made = new vscode.NotebookCellStatusBarItem(text, vscode.NotebookCellStatusBarAlignment.Left);
  made.tooltip = tooltip;
  made.accessibilityInformation = { label: tooltip };
  if (command !== null) made.command = `dexar.notebook.${command}`;
  return made;
}
