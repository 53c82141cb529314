import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";

/** Of a folder with more entries than this, only the first are looked into. */
const MOST_ENTRIES = 500;

/** What a path is, as far as models go. */
export type FolderKind = "model" | "folder" | "file" | "missing";

/** Whether a path is a model's folder (it has `config.json`), another folder, a file, or nothing. */
export async function folderKind(dir: string): Promise<FolderKind> {
  const stats = await stat(dir).catch(() => null);
  if (stats === null) return "missing";
  if (!stats.isDirectory()) return "file";
  return (await isThere(path.join(dir, "config.json"))) ? "model" : "folder";
}

/** The folders in `parent` that look like models in transformers.js layout, by name; none when it cannot be read. */
export async function modelsIn(parent: string): Promise<readonly string[]> {
  const entries: readonly Dirent[] = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const folders = entries
    .slice(0, MOST_ENTRIES)
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith("."))
    .map(({ name }) => path.join(parent, name))
    .sort((a, b) => a.localeCompare(b));
  const models = await Promise.all(folders.map(hasModel));
  return folders.filter((_, index) => models[index]);
}

async function hasModel(dir: string): Promise<boolean> {
  // Many folders have a `config.json`; only models keep their weights in `onnx`.
  return (await isThere(path.join(dir, "config.json"))) && (await isThere(path.join(dir, "onnx")));
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
