import path from "node:path";
import * as vscode from "vscode";
import type { FailureLog } from "../errors/showError.js";
import { readBundle } from "../export/exportContent.js";
import { saveAs } from "../export/saveAs.js";
import { baseFolder } from "../prompts/promptDocument.js";
import { notebookPage } from "./page/notebookPage.js";
import { pageCells } from "./page/pageCells.js";

/**
 * Asks for a place and saves the notebook as one page.
 * @param bundles folder of the built pages (`dist`)
 * @throws DexarError `report-assets-missing`
 */
export async function exportPage(
  notebook: vscode.NotebookDocument,
  bundles: string,
  log: FailureLog,
): Promise<void> {
  const name = path.posix.parse(notebook.uri.path).name;
  const [cells, renderer, styles] = await Promise.all([
    pageCells(notebook),
    readBundle(bundles, "renderer.js"),
    readBundle(bundles, "panel.css"),
  ]);
  const page = notebookPage(name, cells, { renderer, styles });
  const folder = baseFolder(notebook.uri) ?? vscode.Uri.file("/");
  const place = await saveAs(
    new TextEncoder().encode(page),
    {
      title: vscode.l10n.t("Export the Notebook"),
      place: vscode.Uri.joinPath(folder, `${name}.html`),
      filters: { [vscode.l10n.t("Web Page")]: ["html"] },
    },
    log,
  );
  if (place === null) return;
  const saved = path.posix.basename(place.path);
  void vscode.window.showInformationMessage(vscode.l10n.t("Saved {0}.", saved));
}
