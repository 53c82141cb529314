import { cachedModels, type CachedModel } from "./hubCache.js";
import { PUBLIC_MODELS, type PublicModel } from "./publicModels.js";
import { storedModels, unfinishedDownloads, type StoredModel, type UnfinishedDownload } from "./store.js";

/** Where a model of the hub is. */
export type HubModelState =
  /** In the store, whole. */
  | "downloaded"
  /** In the store, but files are gone or cut short since. */
  | "damaged"
  /** A download was begun. */
  | "paused"
  /** In the Hugging Face cache, whole. */
  | "cached"
  /** In the Hugging Face cache, in parts. */
  | "incomplete"
  /** On the hub only, in the list of public models. */
  | "available";

/** A model of the hub as lists show it. */
export interface HubEntry {
  readonly name: string;
  readonly state: HubModelState;
  /** Its folder; null where it cannot be used. */
  readonly dir: string | null;
  /** Size on this machine. */
  readonly bytes: number;
  readonly dtypes: readonly string[];
  readonly missing: readonly string[];
  /** What was begun; a model that is there may get another weight type. */
  readonly download: UnfinishedDownload | null;
  readonly known: PublicModel | null;
}

/** The models of the hub: in the store, begun, in the cache and public ones; each name once, what is here first. */
export async function hubModels(store: string, cache: string): Promise<HubEntry[]> {
  const [stored, begun, cached] = await Promise.all([
    storedModels(store),
    unfinishedDownloads(store),
    cachedModels(cache),
  ]);
  const here = [...stored, ...begun, ...cached].map(({ name }) => name);
  const names = [...new Set([...here, ...PUBLIC_MODELS.map(({ name }) => name)])];
  const named = <T extends { readonly name: string }>(models: readonly T[], name: string) =>
    models.find((model) => model.name === name) ?? null;
  return names.map((name) => entryOf(name, named(stored, name), named(begun, name), named(cached, name)));
}

function entryOf(
  name: string,
  stored: StoredModel | null,
  download: UnfinishedDownload | null,
  cached: CachedModel | null,
): HubEntry {
  const shared = { name, download, known: PUBLIC_MODELS.find((model) => model.name === name) ?? null };
  const found = stored ?? (download === null ? cached : null);
  if (found === null) {
    const state = download === null ? "available" : "paused";
    return { ...shared, state, dir: null, bytes: download?.received ?? 0, dtypes: [], missing: [] };
  }
  const { dir, bytes, dtypes, missing } = found;
  const isWhole = missing.length === 0;
  const state = stored === null ? (isWhole ? "cached" : "incomplete") : isWhole ? "downloaded" : "damaged";
  return { ...shared, state, dir: isWhole ? dir : null, bytes, dtypes, missing };
}
