import path from "node:path";
import * as vscode from "vscode";
import { IMAGE_EXTENSIONS } from "./imageTypes.js";
import { openImages } from "./openImages.js";

const MOST_FOUND = 500;

interface ImageItem extends vscode.QuickPickItem {
  /** null: the item opens the file dialog. */
  readonly image: vscode.Uri | null;
}

/** What the pictures are chosen for, in the words of the dialogs. */
export interface PickPurpose {
  readonly title: string;
  /** The file dialog's button. */
  readonly button: string;
}

/** Asks which picture: those in tabs first, then the workspace's, then any file. Empty when the user changes their mind. */
export async function pickImages(purpose: PickPurpose = toExplain()): Promise<readonly vscode.Uri[]> {
  const open = openImages();
  if (open.length === 0 && vscode.workspace.workspaceFolders === undefined) return browse(purpose);
  const chosen = await vscode.window.showQuickPick<ImageItem>(imageItems(open), {
    title: purpose.title,
    placeHolder: vscode.l10n.t("Which picture?"),
    matchOnDescription: true,
  });
  if (!chosen) return [];
  return chosen.image === null ? browse(purpose) : [chosen.image];
}

function toExplain(): PickPurpose {
  return { title: vscode.l10n.t("Explain a Picture"), button: vscode.l10n.t("Explain") };
}

async function imageItems(open: readonly vscode.Uri[]): Promise<ImageItem[]> {
  const known = new Set(open.map(String));
  const found = (await findImages()).filter((uri) => !known.has(uri.toString()));
  return [
    ...group(vscode.l10n.t("open"), open),
    ...group(vscode.l10n.t("in this workspace"), found),
    separator(""),
    {
      label: vscode.l10n.t("Choose a file…"),
      iconPath: new vscode.ThemeIcon("folder-opened"),
      image: null,
      alwaysShow: true,
    },
  ];
}

function group(title: string, images: readonly vscode.Uri[]): ImageItem[] {
  if (images.length === 0) return [];
  const items = images.map((image) => ({
    label: path.posix.basename(image.path),
    iconPath: new vscode.ThemeIcon("file-media"),
    description: path.posix.dirname(vscode.workspace.asRelativePath(image)).replace(/^\.$/, ""),
    image,
  }));
  return [separator(title), ...items];
}

function separator(label: string): ImageItem {
  return { label, kind: vscode.QuickPickItemKind.Separator, image: null };
}

async function findImages(): Promise<readonly vscode.Uri[]> {
  const endings = IMAGE_EXTENSIONS.flatMap((extension) => [extension, extension.toUpperCase()]);
  const found = await vscode.workspace.findFiles(
    `**/*.{${endings.join(",")}}`,
    "**/node_modules/**",
    MOST_FOUND,
  );
  return [...found].sort((a, b) => a.path.localeCompare(b.path));
}

async function browse({ title, button }: PickPurpose): Promise<readonly vscode.Uri[]> {
  const found = await vscode.window.showOpenDialog({
    title,
    openLabel: button,
    canSelectMany: true,
    filters: { [vscode.l10n.t("Pictures")]: [...IMAGE_EXTENSIONS], [vscode.l10n.t("All Files")]: ["*"] },
  });
  return found ?? [];
}
