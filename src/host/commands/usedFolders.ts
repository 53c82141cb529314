import path from "node:path";
import * as vscode from "vscode";

const KEY = "modelFolders";
const MOST = 10;

/** Model folders chosen before that are still there, the last one first. */
export async function usedFolders(memory: vscode.Memento): Promise<readonly string[]> {
  const stored = memory.get<readonly string[]>(KEY, []);
  const there = await Promise.all(stored.map((folder) => exists(path.join(folder, "config.json"))));
  return stored.filter((_, index) => there[index]);
}

/** Puts a model folder first in the list. */
export async function rememberFolder(memory: vscode.Memento, folder: string): Promise<void> {
  const others = memory.get<readonly string[]>(KEY, []).filter((other) => other !== folder);
  await memory.update(KEY, [folder, ...others].slice(0, MOST));
}

/** Whether there is a file or folder with this path. */
export async function exists(file: string): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(vscode.Uri.file(file));
    return true;
  } catch {
    return false;
  }
}
