import { DexarError } from "../core/errors.js";
import { chooseFiles, offeredFiles, type OfferedDtype, type OfferedFiles } from "./chooseFiles.js";
import type { DownloadPlan } from "./downloadState.js";
import { readFiles, readModel, type Hub, type HubFile, type HubModel } from "./hubApi.js";
import { publicLicence } from "./publicModels.js";
import { readManifest, storedFolder, storedModel, unfinishedState, type StoredModel } from "./store.js";

/** What the hub offers of a model, and in which sizes. */
export interface HubOffer {
  readonly model: HubModel;
  /** As it was asked for. */
  readonly revision: string;
  readonly files: readonly HubFile[];
  readonly dtypes: readonly OfferedDtype[];
  /** The weight type to take where the user does not choose. */
  readonly usual: string;
}

/** What is wanted of a model; null: whatever is usual, or what was begun. */
export interface Wish {
  readonly name: string;
  readonly dtype: string | null;
  readonly revision: string | null;
}

/**
 * Asks the hub what it offers.
 * @param store a model that is there already keeps its commit, so that all its weight types fit together; of one that
 * is damaged the weight type that lacks files is the usual choice
 * @throws DexarError of the hub; `model-not-onnx`, `model-text-only`
 */
export async function askForOffer(
  hub: Hub,
  store: string,
  { name, revision }: Omit<Wish, "dtype">,
): Promise<HubOffer> {
  const wanted = revision ?? (await readManifest(storedFolder(store, name)))?.commit ?? "main";
  const model = await readModel(hub, name, wanted);
  const files = await readFiles(hub, name, model.commit);
  const licence = model.licence ?? publicLicence(name);
  const offered = offeredFiles(name, files);
  const usual = damagedDtype(await storedModel(store, name), offered, files) ?? offered.usual;
  return { model: { ...model, licence }, revision: wanted, files, dtypes: offered.dtypes, usual };
}

/** The weight type that a model in the store has, but lacks files of; undefined where there is none. */
function damagedDtype(
  there: StoredModel | null,
  offered: OfferedFiles,
  files: readonly HubFile[],
): string | undefined {
  return there?.dtypes.find(
    (dtype) =>
      offered.dtypes.some((one) => one.dtype === dtype) &&
      chooseFiles(there.name, files, dtype).some(({ path }) => there.missing.includes(path)),
  );
}

/** The plan to download one weight type of an offer. @throws DexarError `dtype-not-found` */
export function planOf({ model, revision, files, usual }: HubOffer, wished: string | null): DownloadPlan {
  const dtype = wished ?? usual;
  return { ...model, revision, dtype, files: chooseFiles(model.name, files, dtype) };
}

/**
 * The plan of the download that was begun of this model; null where none was.
 * @throws DexarError `download-begun` when it is of another weight type or revision than wished
 */
export async function begunPlan(
  store: string,
  { name, dtype, revision }: Wish,
): Promise<DownloadPlan | null> {
  const state = await unfinishedState(store, name);
  if (state === null) return null;
  const sameRevision = revision === null || [state.revision, state.commit].includes(revision);
  if (sameRevision && (dtype === null || dtype === state.dtype)) return state;
  throw new DexarError(
    "download-begun",
    `A download of ${name} in ${state.dtype} (revision ${state.revision}) was begun and is not finished.`,
    "Finish it first, or throw it away: cancel it in the editor, or `dexar models remove`.",
  );
}
