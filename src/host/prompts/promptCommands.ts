import * as vscode from "vscode";
import type { TextSpan } from "../../core/prompts/types.js";
import type { CommandHandler, CommandTable, GetServices } from "../commands/command.js";
import { pickImages } from "../commands/pickImages.js";
import type { Services } from "../services.js";
import { makeReadSettings } from "../settings/readSettings.js";
import { explainSelection } from "./explainSelection.js";
import { newPromptFile } from "./newPromptFile.js";
import { picturePath } from "./picturePath.js";
import { baseFolder, isPromptDocument, openDocument } from "./promptDocument.js";
import { explainOnImage, explainOne, runPrompt, type ChosenPictures } from "./runPrompt.js";
import { rangeOf } from "./showSource.js";
import { yamlText } from "./yamlText.js";

/** Prompt files and selections. Commands take the file of a menu or lens, else the one in front. */
export function promptCommands(services: GetServices, extensionUri: vscode.Uri): CommandTable {
  const chosen: ChosenPictures = new Map();
  const withPrompt =
    (run: (document: vscode.TextDocument, all: Services) => Promise<unknown>): CommandHandler =>
    async (uri) => {
      const document = await promptOf(uri);
      if (document) await run(document, services());
    };
  return {
    "dexar.prompt.new": (place) =>
      newPromptFile(
        place instanceof vscode.Uri ? place : undefined,
        makeReadSettings(extensionUri, () => {})().prompt,
      ),
    "dexar.prompt.run": withPrompt((document, all) => runPrompt(document, all, chosen)),
    "dexar.prompt.explainOne": withPrompt(explainOne),
    "dexar.prompt.explainOnImage": withPrompt(explainOnImage),
    "dexar.prompt.stop": withPrompt(async ({ uri }, { panels }) => panels.stopSource(uri)),
    "dexar.prompt.choosePicture": (uri, span) => choosePicture(uri, span),
    "dexar.explainSelection": () => explainSelection(services()),
    "dexar.panel.revealSource": () => revealSource(services()),
  };
}

/** The document of a command; the file is opened when no editor shows it, so that panels open beside it. */
async function promptOf(uri: unknown): Promise<vscode.TextDocument | null> {
  const active = vscode.window.activeTextEditor?.document;
  if (!(uri instanceof vscode.Uri)) {
    if (active && isPromptDocument(active)) return active;
    const make = vscode.l10n.t("New Prompt File");
    void vscode.window
      .showInformationMessage(vscode.l10n.t("There is no prompt file in front. Open one, or make one."), make)
      .then((answer) => answer === make && vscode.commands.executeCommand("dexar.prompt.new"));
    return null;
  }
  const document = await openDocument(uri);
  const isSeen = vscode.window.visibleTextEditors.some((editor) => editor.document === document);
  if (!isSeen) await vscode.window.showTextDocument(document, { preview: false });
  return document;
}

/** Puts the path of another picture where one is written. */
async function choosePicture(uri: unknown, span: unknown): Promise<void> {
  if (!(uri instanceof vscode.Uri) || !Array.isArray(span)) return;
  const document = await openDocument(uri);
  const { version } = document;
  const [image] = await pickImages();
  if (!image || document.version !== version) return;
  const edit = new vscode.WorkspaceEdit();
  const path = yamlText(picturePath(image, baseFolder(uri)));
  edit.replace(uri, rangeOf(document, span as unknown as TextSpan), path);
  await vscode.workspace.applyEdit(edit);
}

function revealSource({ panels }: Pick<Services, "panels">): void {
  if (panels.revealSource()) return;
  void vscode.window.showInformationMessage(
    vscode.l10n.t("There is no panel in front whose words come from a file."),
  );
}
