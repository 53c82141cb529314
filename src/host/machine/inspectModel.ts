import path from "node:path";
import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { IMAGE_EXTENSIONS } from "../commands/imageTypes.js";
import type { Services } from "../services.js";
import type { InspectionPages } from "./inspectionPages.js";

/** A folder of a model, as the explorer, a page's link or nobody names it. */
export type InspectedFolder = vscode.Uri | string | undefined;

/** Asks for a model folder unless one is given, looks into it and shows what was found. */
export async function inspectModel(
  services: Services,
  pages: InspectionPages,
  given: InspectedFolder,
): Promise<void> {
  const folder = given === undefined ? await askForFolder(services) : folderPath(given);
  if (folder !== null) await showInspection(services, pages, folder, null);
}

/** The same with a picture to be asked for, whose image tokens are shown. */
export async function inspectPicture(
  services: Services,
  pages: InspectionPages,
  given: InspectedFolder,
): Promise<void> {
  const folder = given === undefined ? await askForFolder(services) : folderPath(given);
  if (folder === null) return;
  const [picture] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t("Choose a Picture"),
      filters: { [vscode.l10n.t("Pictures")]: [...IMAGE_EXTENSIONS] },
    })) ?? [];
  if (picture) await showInspection(services, pages, folder, picture);
}

async function showInspection(
  { machine }: Services,
  pages: InspectionPages,
  folder: string,
  picture: vscode.Uri | null,
): Promise<void> {
  const title = vscode.l10n.t("Inspecting the model {0}", path.basename(folder));
  const location = vscode.ProgressLocation.Notification;
  await vscode.window.withProgress({ location, title }, async () => {
    const inspection = await machine.inspect(folder, picture === null ? {} : { imagePath: picture.fsPath });
    const shown =
      picture === null || inspection.picture === undefined
        ? null
        : await machine.view(path.basename(picture.fsPath), await vscode.workspace.fs.readFile(picture));
    pages.show(inspection, shown);
  });
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
