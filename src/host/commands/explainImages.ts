import * as vscode from "vscode";
import { showError } from "../errors/showError.js";
import type { Services } from "../services.js";
import { isImage } from "./imageTypes.js";
import { activeImage } from "./openImages.js";
import { pickImages } from "./pickImages.js";

/** More panels than this are opened only after a question. */
const MANY = 6;

/**
 * Explains the pictures of a menu's arguments (the one clicked, all that are selected); a keybinding's are the one in
 * focus; without arguments asks.
 */
export async function explainImages(services: Services, args: readonly unknown[]): Promise<void> {
  const images = await imagesOf(args);
  if (images.length > MANY && !(await confirmMany(images.length))) return;
  const outcomes = await Promise.allSettled(images.map((image) => services.panels.explainImage(image)));
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") void showError(outcome.reason, services.model.log);
  }
}

async function imagesOf([clicked, selected]: readonly unknown[]): Promise<readonly vscode.Uri[]> {
  const several = Array.isArray(selected) ? selected.filter((uri) => uri instanceof vscode.Uri) : [];
  const pictures = several.filter(isImage);
  if (pictures.length > 0) return pictures;
  // Called with a file by its address: whether it is a picture, its bytes decide.
  if (clicked instanceof vscode.Uri) return [clicked];
  if (clicked === undefined) return pickImages();
  // The explorer tells a keybinding nothing about its selection; opening the file there makes it the active tab.
  if (isFrom(clicked, "explorer")) {
    await vscode.commands.executeCommand("filesExplorer.openFilePreserveFocus");
  }
  const active = activeImage();
  return active === null ? pickImages() : [active];
}

function isFrom(value: unknown, place: string): boolean {
  return typeof value === "object" && value !== null && "from" in value && value.from === place;
}

async function confirmMany(count: number): Promise<boolean> {
  const explain = vscode.l10n.t("Explain All");
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t("Explain {0} pictures?", count),
    {
      modal: true,
      detail: vscode.l10n.t("Each opens a panel of its own; they are explained one after the other."),
    },
    explain,
  );
  return answer === explain;
}
