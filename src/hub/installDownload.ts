import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { filesFolder, hasSize, type DownloadState } from "./downloadState.js";
import type { HubFile } from "./hubApi.js";
import { downloadFolder, readManifest, storedFolder, writeManifest, type Manifest } from "./store.js";

/** Makes a download whose files are all there and checked a model of the store: by one rename, where the model is new. */
export async function installDownload(store: string, state: DownloadState): Promise<void> {
  const dir = storedFolder(store, state.name);
  const folder = downloadFolder(store, state.name);
  const from = filesFolder(folder);
  const earlier = await readManifest(dir);
  if (earlier === null) {
    await writeManifest(from, manifestOf(state, null));
    await mkdir(path.dirname(dir), { recursive: true });
    await rename(from, dir);
  } else {
    for (const file of weightsFirst(state.files)) await move(file, from, dir);
    // Last: the weight type counts as there when the manifest says so.
    await writeManifest(dir, manifestOf(state, earlier));
  }
  await rm(folder, { recursive: true, force: true });
}

/** A graph is found by its name: it comes when its weights are there. */
function weightsFirst(files: readonly HubFile[]): HubFile[] {
  const isGraph = ({ path: name }: HubFile) => name.endsWith(".onnx");
  return [...files.filter((file) => !isGraph(file)), ...files.filter(isGraph)];
}

async function move({ path: name, size }: HubFile, from: string, to: string): Promise<void> {
  const target = path.join(to, name);
  if (await hasSize(target, size)) return;
  await mkdir(path.dirname(target), { recursive: true });
  await rename(path.join(from, name), target);
}

function manifestOf(state: DownloadState, earlier: Manifest | null): Manifest {
  const { name, commit, revision, dtype, licence, acceptedAt } = state;
  const files = new Map([...(earlier?.files ?? []), ...state.files].map((file) => [file.path, file]));
  return {
    ...{ name, commit, licence },
    revision: earlier?.revision ?? revision,
    dtypes: [...new Set([...(earlier?.dtypes ?? []), dtype])],
    acceptedAt: acceptedAt ?? earlier?.acceptedAt ?? null,
    files: [...files.values()],
  };
}
