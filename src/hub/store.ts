import { randomBytes } from "node:crypto";
import { readdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { DexarError } from "../core/errors.js";
import { totalBytes } from "./chooseFiles.js";
import { hasSize, readState, receivedBytes, type DownloadState } from "./downloadState.js";
import { isRepoName, repoName } from "./repoName.js";
import type { HubFile } from "./hubApi.js";
import type { Licence } from "./licences.js";
import { withLock } from "./lock.js";

/** What is kept beside a downloaded model's files, in `dexar-model.json`. */
export interface Manifest {
  readonly name: string;
  readonly commit: string;
  readonly revision: string;
  /** Weight types that are whole. */
  readonly dtypes: readonly string[];
  readonly licence: Licence | null;
  /** When the licence was accepted; null: it needs no consent. */
  readonly acceptedAt: string | null;
  readonly files: readonly HubFile[];
}

/** A model in the store. */
export interface StoredModel {
  readonly name: string;
  readonly dir: string;
  readonly dtypes: readonly string[];
  readonly licence: Licence | null;
  readonly bytes: number;
  /** Files that are gone or cut short since; a model with any is not to be used. */
  readonly missing: readonly string[];
}

/** A download that was begun and is not finished. */
export interface UnfinishedDownload {
  readonly name: string;
  readonly dtype: string;
  readonly received: number;
  readonly total: number;
}

const MANIFEST = "dexar-model.json";

/** The folder of a model in the store. @throws DexarError `hub-bad-name` */
export function storedFolder(store: string, name: string): string {
  return path.join(store, ...repoName(name).split("/"));
}

/** The folder of a model's download: in the store, so that it becomes the model by being renamed, and out of sight. */
export function downloadFolder(store: string, name: string): string {
  return path.join(store, ".downloads", ...repoName(name).split("/"));
}

/** The lock of everything that changes a model's files. */
export function lockFile(store: string, name: string): string {
  return `${downloadFolder(store, name)}.lock`;
}

/** What was downloaded into a model's folder; null where nothing was. */
export async function readManifest(dir: string): Promise<Manifest | null> {
  try {
    return JSON.parse(await readFile(path.join(dir, MANIFEST), "utf8")) as Manifest;
  } catch {
    return null;
  }
}

/** Writes a manifest, whole or not at all. */
export async function writeManifest(dir: string, manifest: Manifest): Promise<void> {
  const temporary = path.join(dir, `.${MANIFEST}.tmp`);
  await writeFile(temporary, JSON.stringify(manifest, null, 2));
  await rename(temporary, path.join(dir, MANIFEST));
}

/** The models of the store, by name. */
export async function storedModels(store: string): Promise<StoredModel[]> {
  const names = await namesIn(store);
  const models = await Promise.all(names.map((name) => storedModel(store, name)));
  return models.filter((model) => model !== null);
}

/** A model of the store; null when it is not there. */
export async function storedModel(store: string, name: string): Promise<StoredModel | null> {
  const dir = storedFolder(store, name);
  const manifest = await readManifest(dir);
  if (manifest === null) return null;
  const { dtypes, licence, files } = manifest;
  const whole = await Promise.all(files.map((file) => hasSize(path.join(dir, file.path), file.size)));
  const missing = files.filter((_, index) => whole[index] !== true).map((file) => file.path);
  return { name, dir, dtypes, licence, bytes: totalBytes(files), missing };
}

/** Downloads that wait to be continued, by name. */
export async function unfinishedDownloads(store: string): Promise<UnfinishedDownload[]> {
  const names = await namesIn(path.join(store, ".downloads"));
  const all = await Promise.all(names.map((name) => unfinishedDownload(store, name)));
  return all.filter((download) => download !== null);
}

/** The unfinished download of a model; null when there is none. */
export async function unfinishedDownload(store: string, name: string): Promise<UnfinishedDownload | null> {
  const state = await unfinishedState(store, name);
  if (state === null) return null;
  const received = await receivedBytes(downloadFolder(store, name), state.files);
  return { name, dtype: state.dtype, received, total: totalBytes(state.files) };
}

/** What was begun of a model and is to be gone on with; null when there is nothing. */
export async function unfinishedState(store: string, name: string): Promise<DownloadState | null> {
  const state = await readState(downloadFolder(store, name));
  if (state === null) return null;
  // Between installing a model and clearing away, a program may end.
  const model = await storedModel(store, name);
  return model?.missing.length === 0 && model.dtypes.includes(state.dtype) ? null : state;
}

/**
 * Removes a model and what was begun of it from the store.
 * @returns bytes that became free
 * @throws DexarError `model-not-stored`, `model-not-removable`, `download-under-way`
 */
export async function removeModel(store: string, name: string): Promise<number> {
  const dir = storedFolder(store, name);
  const model = await storedModel(store, name);
  if (model === null && (await unfinishedDownload(store, name)) === null) throw notStored(store, name);
  return withLock(lockFile(store, name), name, async () => {
    let freed = 0;
    for (const folder of [dir, downloadFolder(store, name)]) {
      freed += await folderBytes(folder);
      await removeFolder(store, folder);
    }
    return freed;
  });
}

/** Throws away what was begun of a model's download. @throws DexarError `download-under-way` */
export async function discardDownload(store: string, name: string): Promise<void> {
  const folder = downloadFolder(store, name);
  if (!(await isThere(folder))) return;
  await withLock(lockFile(store, name), name, () => removeFolder(store, folder));
}

/** Renamed first: a folder that loses its files one after the other is no model at any time. */
async function removeFolder(store: string, folder: string): Promise<void> {
  const away = path.join(store, `.removed-${randomBytes(6).toString("hex")}`);
  try {
    await rename(folder, away);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT") return;
    // On Windows a folder with open files keeps its name.
    if (typeof code === "string" && IN_USE.includes(code)) throw notRemovable(folder, code, error);
    throw error;
  }
  await rm(away, { recursive: true, force: true });
  // The owner's folder, when nothing else of theirs is left in it.
  await rmdir(path.dirname(folder)).catch(() => null);
}

const IN_USE = ["EPERM", "EACCES", "EBUSY", "EROFS"];

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const owner of await foldersIn(folder)) {
    for (const model of await foldersIn(path.join(folder, owner))) names.push(`${owner}/${model}`);
  }
  return names.filter(isRepoName);
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
}

/** Whether there is a file or folder of this name. */
export async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** Size of all files of a folder; 0 where there is none. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = entries.filter((entry) => !entry.isDirectory());
  const sizes = await Promise.all(
    files.map(({ parentPath, name }) =>
      stat(path.join(parentPath, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function notStored(store: string, name: string): DexarError {
  return new DexarError(
    "model-not-stored",
    `${name} is not among the models that DEX-AR downloaded to ${store}.`,
    "See `dexar models list`: bundled models, your own folders and the Hugging Face cache are not removed here.",
  );
}

function notRemovable(folder: string, code: string, cause: unknown): DexarError {
  return new DexarError(
    "model-not-removable",
    `${folder} cannot be removed (${code}): a program has its files open, or you may not write there.`,
    "Stop the model in every window (DEX-AR: Stop Model) and end commands that use it, then try again.",
    { cause },
  );
}
