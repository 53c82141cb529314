import { readdir, lstat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { withoutHome } from "../../core/withoutHome.js";
import { hubCacheFolder, modelStoreFolder } from "../../hub/places.js";
import type { CacheFact } from "../../protocol/doctor.js";
import { cacheFolder } from "../files/cacheFolder.js";

/** The folders that grow: DEX-AR's own, by what is in them, that of downloaded models and the one of Hugging Face. */
export async function cacheFacts(env: Readonly<Record<string, string | undefined>>): Promise<CacheFact[]> {
  const own = cacheFolder(env);
  const parts = await readdir(own, { withFileTypes: true }).catch(() => []);
  const folders = parts
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, folder: path.join(own, name) }));
  const all = [
    { name: "dexar", folder: own },
    ...folders.map(({ name, folder }) => ({ name: `dexar/${name}`, folder })),
    { name: "models", folder: modelStoreFolder(env) },
    { name: "huggingface", folder: hubCacheFolder(env) },
  ];
  return Promise.all(
    all.map(async ({ name, folder }) => ({
      name,
      path: withoutHome(folder, homedir()),
      bytes: await folderBytes(folder),
    })),
  );
}

/** Bytes of the files in a folder and below, links not followed; null where there is no folder. */
async function folderBytes(folder: string): Promise<number | null> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => null);
  if (entries === null) return null;
  const files = entries.filter((entry) => entry.isFile());
  // A file that goes while it is counted counts nothing.
  const sizes = await Promise.all(
    files.map((file) =>
      lstat(path.join(file.parentPath, file.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
