import path from "node:path";
import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { IMAGE_EXTENSIONS } from "../commands/imageTypes.js";
import type { Services } from "../services.js";
import { INSPECTION_TYPE, OTHER_PICTURE } from "./inspectionIds.js";
import { inspectionPage } from "./inspectionPage.js";

/** A folder of a model, as the explorer, a page's link or nobody names it. */
export type InspectedFolder = vscode.Uri | string | undefined;

/** Asks for a model folder unless one is given, looks into it and shows what was found. */
export async function inspectModel(services: Services, given: InspectedFolder): Promise<void> {
  const folder = given === undefined ? await askForFolder(services) : folderPath(given);
  if (folder !== null) await showInspection(services, folder, null);
}

/** The same with a picture to be asked for, whose image tokens are shown. */
export async function inspectPicture(services: Services, given: InspectedFolder): Promise<void> {
  const folder = given === undefined ? await askForFolder(services) : folderPath(given);
  if (folder === null) return;
  const [picture] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t("Choose a Picture"),
      filters: { [vscode.l10n.t("Pictures")]: [...IMAGE_EXTENSIONS] },
    })) ?? [];
  if (picture) await showInspection(services, folder, picture);
}

async function showInspection(
  { machine }: Services,
  folder: string,
  picture: vscode.Uri | null,
): Promise<void> {
  const name = path.basename(folder);
  const title = vscode.l10n.t("Inspecting the model {0}", name);
  const location = vscode.ProgressLocation.Notification;
  const html = await vscode.window.withProgress({ location, title }, async () => {
    const inspection = await machine.inspect(folder, picture === null ? {} : { imagePath: picture.fsPath });
    const shown =
      picture === null || inspection.picture === undefined
        ? null
        : await machine.view(path.basename(picture.fsPath), await vscode.workspace.fs.readFile(picture));
    return inspectionPage(inspection, shown);
  });
  const panel = vscode.window.createWebviewPanel(
    INSPECTION_TYPE,
    vscode.l10n.t("Model: {0}", name),
    vscode.ViewColumn.Active,
    {
      enableCommandUris: [OTHER_PICTURE],
    },
  );
  panel.webview.html = html;
}

function folderPath(given: vscode.Uri | string): string {
  if (typeof given === "string") return given;
  if (given.scheme === "file") return given.fsPath;
  throw new DexarError(
    "model-not-found",
    vscode.l10n.t("The folder {0} is not on this machine.", given.toString()),
    vscode.l10n.t("Copy the model to a folder on this machine."),
  );
}

interface FolderItem extends vscode.QuickPickItem {
  /** Null: to be browsed for. */
  readonly folder: string | null;
}

async function askForFolder({ models }: Services): Promise<string | null> {
  const known = (await models.list()).map(({ name, dir }): FolderItem => ({
    label: name,
    detail: dir,
    folder: dir,
  }));
  const browse = { label: vscode.l10n.t("Open model folder…"), folder: null };
  const chosen = await vscode.window.showQuickPick<FolderItem>([...known, browse], {
    title: vscode.l10n.t("Inspect Model"),
    placeHolder: vscode.l10n.t("Which model folder should be looked into?"),
    matchOnDetail: true,
  });
  if (!chosen) return null;
  if (chosen.folder !== null) return chosen.folder;
  const found = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Open Model Folder"),
    openLabel: vscode.l10n.t("Inspect Model"),
    canSelectFiles: false,
    canSelectFolders: true,
  });
  return found?.[0]?.fsPath ?? null;
}
