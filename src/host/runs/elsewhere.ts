import { copyFile, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SavedRun } from "../../protocol/modelProcess.js";
import type { StoredFiles } from "./runFolder.js";

// Where the storage is full, the model process keeps a run among the system's temporary files, each file in a folder
// of its own (`runtime/files/keepElsewhere.ts`). Here such runs come home, and forgotten ones go.

const FOLDER = /^dexar-[A-Za-z0-9]{6}$/;
/** Only runs of the editor have such names; what the command line kept has been named to its user. */
const RUN_FILE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(dexar|png|digest)$/;
/** Another window may still show a run whose record it could not write. */
const FORGOTTEN_AFTER_MS = 7 * 24 * 3600 * 1000;

/** The files of a run. */
export function filesOf({ runPath, picturePath, digestPath }: SavedRun): readonly string[] {
  return [runPath, picturePath, ...(digestPath === undefined ? [] : [digestPath])];
}

/**
 * Copies what lies elsewhere into the store's folder; the same object when all of it is there already.
 * @throws the error of Node when there is still no room, or a file is gone
 */
export async function broughtHome(saved: SavedRun, home: StoredFiles): Promise<SavedRun> {
  const inside = (file: string): boolean => path.dirname(file) === path.dirname(home.runPath);
  if (filesOf(saved).every(inside)) return saved;
  const bring = async (from: string, to: string): Promise<string> => {
    if (inside(from)) return from;
    await copyWhole(from, to);
    return to;
  };
  const { digestPath, ...others } = saved;
  return {
    ...others,
    runPath: await bring(saved.runPath, home.runPath),
    picturePath: await bring(saved.picturePath, home.picturePath),
    // Elsewhere it is not worth moving: it is made again when it is needed.
    ...(digestPath !== undefined && inside(digestPath) && { digestPath }),
  };
}

/** Deletes files, and the temporary folders that are empty then. */
export async function removeFiles(files: readonly string[]): Promise<void> {
  for (const file of files) {
    await rm(file, { force: true });
    const folder = path.dirname(file);
    // Not empty, or gone: then there is nothing to do.
    if (isTemporary(folder)) await rmdir(folder).catch(() => null);
  }
}

/** Deletes runs that no record names any more: their window could not write one, and is closed. */
export async function removeForgotten(known: ReadonlySet<string>): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names.filter((found) => FOLDER.test(found))) {
    const folder = path.join(tmpdir(), name);
    const [file, ...others] = await readdir(folder).catch(() => []);
    if (file === undefined || others.length > 0 || !RUN_FILE.test(file)) continue;
    const kept = path.join(folder, file);
    const stats = await stat(kept).catch(() => null);
    if (stats === null || known.has(kept) || Date.now() - stats.mtimeMs < FORGOTTEN_AFTER_MS) continue;
    // What belongs to somebody else cannot be deleted, and need not be.
    await rm(folder, { recursive: true, force: true }).catch(() => null);
  }
}

function isTemporary(folder: string): boolean {
  return path.dirname(folder) === path.resolve(tmpdir()) && FOLDER.test(path.basename(folder));
}

async function copyWhole(from: string, to: string): Promise<void> {
  const temporary = `${to}.tmp`;
  try {
    await copyFile(from, temporary);
    await rename(temporary, to);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
