import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { DexarError } from "../core/errors.js";
import { totalBytes } from "./chooseFiles.js";
import { diskFailure } from "./diskFailure.js";
import { downloadFile } from "./downloadFile.js";
import { filesFolder, hasSize, readState, receivedBytes, StoredTags, writeState } from "./downloadState.js";
import type { DownloadPlan, DownloadState } from "./downloadState.js";
import { checkSpace, freeBytes } from "./freeSpace.js";
import { installDownload } from "./installDownload.js";
import { modelPage, type Hub, type HubFile } from "./hubApi.js";
import { needsConsent } from "./licences.js";
import { withLock } from "./lock.js";
import { ProgressTeller, type DownloadProgress } from "./progress.js";
import {
  downloadFolder,
  isThere,
  lockFile,
  readManifest,
  storedFolder,
  storedModel,
  type StoredModel,
} from "./store.js";

/** How a model is downloaded. */
export interface DownloadOptions {
  /** The user accepts the licence; asked for only where `needsConsent`. */
  readonly accepted: boolean;
  readonly onProgress: (progress: DownloadProgress) => void;
  /** Bytes that the disk of a folder can take; null: nobody knows. Replaced in tests. */
  readonly freeBytes?: (folder: string) => Promise<number | null>;
}

/**
 * Downloads a model into the store, from where an earlier try ended. It is there when it is whole and checked, and not
 * before. Aborting `hub.signal` pauses: what came is kept, and the signal's reason is thrown.
 * @throws DexarError `licence-not-accepted`, `model-other-revision`, `model-folder-taken`, `model-not-whole`, `not-enough-disk`,
 * `model-store-not-writable`, `download-under-way`, `download-damaged`, and those of the hub
 */
export async function downloadModel(
  hub: Hub,
  store: string,
  plan: DownloadPlan,
  options: DownloadOptions,
): Promise<StoredModel> {
  try {
    return await withLock(lockFile(store, plan.name), plan.name, async () => {
      const there = await fitting(store, plan);
      if (there === null || !there.dtypes.includes(plan.dtype) || there.missing.length > 0) {
        const state = await begin(store, plan, options.accepted);
        await fetchFiles(hub, store, state, options);
        await installDownload(store, state);
      }
      return await stored(store, plan);
    });
  } catch (error) {
    throw diskFailure(store, error);
  }
}

/** The model as it is in the store; null when it is not there. */
async function fitting(store: string, { name, commit }: DownloadPlan): Promise<StoredModel | null> {
  const dir = storedFolder(store, name);
  const manifest = await readManifest(dir);
  if (manifest === null) {
    if (await isThere(dir)) throw folderTaken(dir);
    return null;
  }
  if (manifest.commit !== commit) throw otherRevision(name, manifest.commit);
  return storedModel(store, name);
}

/** Writes down what is to be fetched: what of the plan is not in the store. What was begun of another plan goes. */
async function begin(store: string, plan: DownloadPlan, accepted: boolean): Promise<DownloadState> {
  const folder = downloadFolder(store, plan.name);
  const dir = storedFolder(store, plan.name);
  const begun = await readState(folder);
  const earlier = begun?.commit === plan.commit && begun.dtype === plan.dtype ? begun : null;
  const acceptedBefore = earlier?.acceptedAt ?? (await readManifest(dir))?.acceptedAt ?? null;
  const acceptedAt = acceptedBefore ?? acceptedNow(plan, accepted);
  // A file of another commit may have the same name and size; it would pass for one that is whole and checked.
  if (earlier === null) await rm(filesFolder(folder), { recursive: true, force: true });
  const state: DownloadState = {
    ...plan,
    files: await missingOf(plan, dir),
    acceptedAt,
    tags: earlier?.tags ?? {},
  };
  for (const file of state.files)
    await mkdir(path.dirname(path.join(filesFolder(folder), file.path)), { recursive: true });
  await mkdir(filesFolder(folder), { recursive: true });
  await writeState(folder, state);
  return state;
}

/** When the licence was accepted; null: it needs no consent. @throws DexarError `licence-not-accepted` */
function acceptedNow(plan: DownloadPlan, accepted: boolean): string | null {
  if (!needsConsent(plan.licence)) return null;
  if (!accepted) throw notAccepted(plan);
  return new Date().toISOString();
}

async function missingOf({ files }: DownloadPlan, dir: string): Promise<HubFile[]> {
  const there = await Promise.all(files.map(({ path: name, size }) => hasSize(path.join(dir, name), size)));
  return files.filter((_, index) => there[index] !== true);
}

async function fetchFiles(
  hub: Hub,
  store: string,
  state: DownloadState,
  { onProgress, freeBytes: free = freeBytes }: DownloadOptions,
): Promise<void> {
  const folder = downloadFolder(store, state.name);
  const received = await receivedBytes(folder, state.files);
  const total = totalBytes(state.files);
  checkSpace(store, total - received, await free(store));
  const progress = new ProgressTeller(received, total, onProgress, () => performance.now());
  const context = {
    ...{ access: hub, progress, signal: hub.signal, patience: hub.patience },
    tags: new StoredTags(folder, state),
    onWait: (waitMs: number, failure: DexarError) => progress.waiting(waitMs, failure.message),
  };
  for (const file of state.files) {
    const target = path.join(filesFolder(folder), file.path);
    // It has its name, so it was whole and checked.
    if (await hasSize(target, file.size)) continue;
    const page = modelPage(hub.endpoint, state.name);
    await downloadFile({ file, target, page, url: fileUrl(hub, state, file) }, context);
  }
}

function fileUrl({ endpoint }: Hub, { name, commit }: DownloadState, file: HubFile): string {
  return `${endpoint}/${name}/resolve/${commit}/${file.path.split("/").map(encodeURIComponent).join("/")}`;
}

async function stored(store: string, { name, dtype }: DownloadPlan): Promise<StoredModel> {
  const model = await storedModel(store, name);
  if (model === null) throw folderTaken(storedFolder(store, name));
  if (model.missing.length > 0) throw stillDamaged(model, dtype);
  return model;
}

function notAccepted({ name, licence }: DownloadPlan): DexarError {
  const which = licence === null ? "names no licence" : `has the licence ${licence.id}`;
  const where = licence?.link ?? "the model's page";
  return new DexarError(
    "licence-not-accepted",
    `${name} ${which}, which has to be accepted before the download.`,
    `Read it (${where}), and accept it.`,
  );
}

function stillDamaged({ name, missing }: StoredModel, dtype: string): DexarError {
  return new DexarError(
    "model-not-whole",
    `${name} is here in ${dtype} now, but files of another weight type are gone: ${missing.join(", ")}.`,
    "Download it once more, which fetches them, or remove the model.",
  );
}

function otherRevision(name: string, commit: string): DexarError {
  return new DexarError(
    "model-other-revision",
    `${name} is here at commit ${commit.slice(0, 12)}, and files of two revisions do not go together.`,
    "Remove the model first, or download without naming a revision.",
  );
}

function folderTaken(dir: string): DexarError {
  return new DexarError(
    "model-folder-taken",
    `${dir} holds files that were not downloaded by DEX-AR, or that were changed since.`,
    "Move the folder away, then try again.",
  );
}
