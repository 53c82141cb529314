import path from "node:path";
import * as vscode from "vscode";
import { isImage } from "../commands/imageTypes.js";
import { activeImage } from "../commands/openImages.js";
import { PROMPT_ENDING, PROMPT_LANGUAGE } from "./promptDocument.js";
import { yamlText } from "./yamlText.js";

/** More pictures than this are not offered in the template. */
const MOST_PICTURES = 20;

/**
 * Opens a new prompt file with a template in it, which is saved beside the file being worked on.
 * @param place a folder or picture of the explorer; undefined: where the active editor's file is
 * @param words what the template asks
 */
export async function newPromptFile(place: vscode.Uri | undefined, words: string): Promise<void> {
  const { folder, image } = await startOf(place);
  const document =
    folder === null
      ? await vscode.workspace.openTextDocument({ language: PROMPT_LANGUAGE })
      : await vscode.workspace.openTextDocument(await freeName(folder));
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  await editor.insertSnippet(template(image === null ? await picturesIn(folder) : [image], words));
}

interface Start {
  /** Null: there is no folder open, nor a file. */
  readonly folder: vscode.Uri | null;
  /** Name of the picture to ask about. */
  readonly image: string | null;
}

async function startOf(place: vscode.Uri | undefined): Promise<Start> {
  const uri = place ?? activeImage() ?? vscode.window.activeTextEditor?.document.uri ?? null;
  if (uri !== null && (place !== undefined || uri.scheme !== "untitled")) {
    const stats = await vscode.workspace.fs.stat(uri).then(
      (found) => found,
      () => null,
    );
    if (stats !== null && (stats.type & vscode.FileType.Directory) !== 0) return { folder: uri, image: null };
    const image = isImage(uri) ? path.posix.basename(uri.path) : null;
    if (stats !== null) return { folder: vscode.Uri.joinPath(uri, ".."), image };
  }
  return { folder: vscode.workspace.workspaceFolders?.[0]?.uri ?? null, image: null };
}

/** `prompt.vlm.md`, or with a number where that is taken, as a file that is not written yet. */
async function freeName(folder: vscode.Uri): Promise<vscode.Uri> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? `prompt${PROMPT_ENDING}` : `prompt-${number}${PROMPT_ENDING}`;
    const file = vscode.Uri.joinPath(folder, name);
    const untitled = file.with({ scheme: "untitled" });
    const isOpen = vscode.workspace.textDocuments.some(({ uri }) => uri.toString() === untitled.toString());
    const isThere = await vscode.workspace.fs.stat(file).then(
      () => true,
      () => false,
    );
    if (!isOpen && !isThere) return untitled;
  }
}

async function picturesIn(folder: vscode.Uri | null): Promise<readonly string[]> {
  if (folder === null) return [];
  const entries = await vscode.workspace.fs.readDirectory(folder).then(
    (found) => found,
    () => [],
  );
  return entries
    .map(([name]) => name)
    .filter((name) => isImage({ path: name }) && !name.startsWith("."))
    .sort((a, b) => a.localeCompare(b))
    .slice(0, MOST_PICTURES);
}

/** Front matter with the pictures to choose from, and the words. */
function template(pictures: readonly string[], words: string): vscode.SnippetString {
  const snippet = new vscode.SnippetString();
  const [only] = pictures;
  if (only !== undefined) {
    snippet.appendText("---\nimage: ");
    if (pictures.length === 1) snippet.appendText(yamlText(only));
    else snippet.appendChoice(pictures.map(yamlText));
    snippet.appendText("\n---\n\n");
  }
  return snippet.appendPlaceholder(words).appendText("\n");
}
