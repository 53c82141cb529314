import path from "node:path";
import * as vscode from "vscode";
import { parsePromptFile } from "../../core/prompts/parsePromptFile.js";
import { baseFolder } from "./promptDocument.js";
import { yamlText } from "./yamlText.js";

/** A picture as a prompt file names it: from the file's folder where there is a way, else absolute. */
export function picturePath(image: vscode.Uri, base: vscode.Uri | null): string {
  const near = base?.scheme === image.scheme && base.authority === image.authority;
  if (base === null || !near) return image.scheme === "file" ? image.fsPath : image.path;
  if (image.scheme !== "file") return path.posix.relative(base.path, image.path);
  // On Windows there is no relative way from one drive to another.
  return path.relative(base.fsPath, image.fsPath).replaceAll(path.sep, "/");
}

/** Writes a picture into the front matter of a document that names none; makes the front matter where there is none. */
export async function addPicture(document: vscode.TextDocument, image: vscode.Uri): Promise<void> {
  const { frontMatter } = parsePromptFile(document.getText());
  const line = `image: ${yamlText(picturePath(image, baseFolder(document.uri)))}\n`;
  const edit = new vscode.WorkspaceEdit();
  if (frontMatter === null) edit.insert(document.uri, document.positionAt(0), `---\n${line}---\n\n`);
  else edit.insert(document.uri, document.positionAt(frontMatter[1]), line);
  await vscode.workspace.applyEdit(edit);
}
