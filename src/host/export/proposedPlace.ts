import os from "node:os";
import path from "node:path";
import * as vscode from "vscode";

/** Longer parts are cut: file systems allow 255 bytes in all. */
const MOST_CHARACTERS = 60;

/**
 * Where to save something made of a picture: beside it, named after it (`cat.png` → `cat-dexar.json`), or in the
 * workspace or home folder when the picture's folder cannot be written to.
 * @param suffix what the content is about, part of the name; may be empty
 */
export function proposedPlace(image: vscode.Uri, suffix: string, ending: string): vscode.Uri {
  const base = cleaned(path.posix.parse(image.path).name);
  // "cat.png" would be the picture itself.
  const about = cleaned(suffix) || (ending === "dexar" ? "" : "dexar");
  const name = [base, ...(about === "" ? [] : [about])].join("-");
  return vscode.Uri.joinPath(folderFor(image), `${name}.${ending}`);
}

function folderFor(image: vscode.Uri): vscode.Uri {
  if (vscode.workspace.fs.isWritableFileSystem(image.scheme) === true)
    return vscode.Uri.joinPath(image, "..");
  return vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(os.homedir());
}

/** Without characters that some file system refuses. */
function cleaned(text: string): string {
  return text
    .replace(/[\p{Cc}<>:"/\\|?*]+/gu, "-")
    .replace(/^[-.\s]+|[-.\s]+$/g, "")
    .slice(0, MOST_CHARACTERS);
}
