import * as vscode from "vscode";
import { pickImages } from "../commands/pickImages.js";
import type { Services } from "../services.js";
import { selectedWords } from "./readAgain.js";

/**
 * Asks the selected words of the active text editor about pictures that are chosen now.
 * @throws DexarError `selection-empty`
 */
export async function explainSelection({ panels }: Pick<Services, "panels">): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("There is no text editor in front. Open a file and select the words to ask."),
    );
    return;
  }
  const { document, selection } = editor;
  const span = [document.offsetAt(selection.start), document.offsetAt(selection.end)] as const;
  // Read before the picture is asked for: the words may be edited meanwhile.
  const words = selectedWords(document, span);
  for (const image of await pickImages()) await panels.ask({ image, target: null, ...words });
}
