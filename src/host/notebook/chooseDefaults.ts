import path from "node:path";
import * as vscode from "vscode";
import { pickImages } from "../commands/pickImages.js";
import { baseFolder } from "../prompts/promptDocument.js";
import type { KnownModels } from "../services.js";
import { withDefaults } from "./notebookDefaults.js";

/** Asks for the pictures of cells that name none, and writes them into the notebook's metadata. */
export async function chooseNotebookImages(notebook: vscode.NotebookDocument): Promise<void> {
  const images = await pickImages({
    title: vscode.l10n.t("Picture of the Notebook"),
    button: vscode.l10n.t("Use"),
  });
  if (images.length === 0) return;
  const base = baseFolder(notebook.uri);
  await write(notebook, { images: images.map((image) => writtenPath(image, base)) });
}

interface ModelItem extends vscode.QuickPickItem {
  /** As it is written; null: the model of the settings. */
  readonly model: string | null;
}

/** Asks for the model of cells that name none, and writes it into the notebook's metadata. */
export async function chooseNotebookModel(
  notebook: vscode.NotebookDocument,
  models: KnownModels,
): Promise<void> {
  const known = await models.list();
  const isUnique = (name: string): boolean => known.filter((one) => one.name === name).length === 1;
  const items: ModelItem[] = [
    {
      label: vscode.l10n.t("Model of the settings"),
      iconPath: new vscode.ThemeIcon("gear"),
      detail: vscode.l10n.t("The notebook names none."),
      model: null,
    },
    ...known.map(({ name, dir }) => ({
      label: name,
      iconPath: new vscode.ThemeIcon("chip"),
      detail: dir,
      model: isUnique(name) ? name : dir,
    })),
  ];
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Model of the Notebook"),
    placeHolder: vscode.l10n.t("Which model answers cells that name none?"),
    matchOnDetail: true,
  });
  if (chosen) await write(notebook, { model: chosen.model });
}

/** Relative to the notebook's folder where the picture lies in it or beside it. */
function writtenPath(image: vscode.Uri, base: vscode.Uri | null): string {
  if (base?.scheme === image.scheme && base.authority === image.authority) {
    const relative = path.posix.relative(base.path, image.path);
    const near = !relative.startsWith("../../") && !path.posix.isAbsolute(relative);
    if (near && !/^\.\.\/?$/.test(relative)) return relative;
  }
  return image.scheme === "file" ? image.fsPath : image.path;
}

async function write(
  notebook: vscode.NotebookDocument,
  change: Parameters<typeof withDefaults>[1],
): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.set(notebook.uri, [vscode.NotebookEdit.updateNotebookMetadata(withDefaults(notebook, change))]);
  await vscode.workspace.applyEdit(edit);
}
