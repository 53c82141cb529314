import { readFile, rename, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { HubFile } from "./hubApi.js";
import type { Licence } from "./licences.js";
import { partOf } from "./downloadFile.js";
import type { ContentTags } from "./receive.js";

/** What a download fetches: one weight type of a model at one commit. */
export interface DownloadPlan {
  readonly name: string;
  readonly commit: string;
  /** As it was asked for: a branch, tag or commit. */
  readonly revision: string;
  readonly dtype: string;
  readonly licence: Licence | null;
  readonly files: readonly HubFile[];
}

/** A download that was begun, as its folder tells. */
export interface DownloadState extends DownloadPlan {
  /** When the licence was accepted; null: it needs no consent. ISO time. */
  readonly acceptedAt: string | null;
  /** What servers called the contents, by path. */
  readonly tags: Readonly<Record<string, string>>;
}

const FILE = "download.json";

/** The folder of a download's files, in the folder of the download. */
export function filesFolder(folder: string): string {
  return path.join(folder, "files");
}

/** The state of a download in this folder; null where there is none. */
export async function readState(folder: string): Promise<DownloadState | null> {
  const text = await readFile(path.join(folder, FILE), "utf8").catch(() => null);
  if (text === null) return null;
  try {
    return JSON.parse(text) as DownloadState;
  } catch {
    // Written whole or not at all by us; whatever it is, it is not the state of a download.
    return null;
  }
}

/** Writes the state, whole or not at all. */
export async function writeState(folder: string, state: DownloadState): Promise<void> {
  const temporary = path.join(folder, `.${FILE}.tmp`);
  await writeFile(temporary, JSON.stringify(state, null, 2));
  await rename(temporary, path.join(folder, FILE));
}

/** The tags of a state, kept with it. */
export class StoredTags implements ContentTags {
  private readonly tags: Map<string, string>;

  constructor(
    private readonly folder: string,
    private readonly state: DownloadState,
  ) {
    this.tags = new Map(Object.entries(state.tags));
  }

  get(file: string): string | null {
    return this.tags.get(file) ?? null;
  }

  async set(file: string, tag: string | null): Promise<void> {
    if (this.get(file) === tag) return;
    if (tag === null) this.tags.delete(file);
    else this.tags.set(file, tag);
    await writeState(this.folder, { ...this.state, tags: Object.fromEntries(this.tags) });
  }
}

/** Bytes that lie in the folder of a download, whole files and parts. */
export async function receivedBytes(folder: string, files: readonly HubFile[]): Promise<number> {
  const sizes = await Promise.all(files.map((file) => receivedOf(folder, file)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function receivedOf(folder: string, { path: name, size }: HubFile): Promise<number> {
  const target = path.join(filesFolder(folder), name);
  if (await hasSize(target, size)) return size;
  return stat(partOf(target)).then(
    (part) => Math.min(part.size, size),
    () => 0,
  );
}

/** Whether there is a file of this size. */
export async function hasSize(file: string, size: number): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile() && found.size === size,
    () => false,
  );
}
