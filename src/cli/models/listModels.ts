import { readFile } from "node:fs/promises";
import path from "node:path";
import { hubModels, type HubEntry, type HubModelState } from "../../hub/modelList.js";
import { hubCacheFolder, modelStoreFolder } from "../../hub/places.js";
import { folderBytes } from "../../hub/store.js";
import type { CliContext } from "../context.js";
import { bundledNames, DEFAULT_MODEL } from "./findModel.js";

/** A model as `dexar models list` shows it. */
export interface ListedModel extends Omit<HubEntry, "state"> {
  readonly state: "bundled" | HubModelState;
  /** `model_type` of its config.json; null when that cannot be read. */
  readonly family: string | null;
  readonly isDefault: boolean;
}

/** The bundled models, then those of the hub: downloaded, begun, in the cache, public ones. */
export async function listModels({ services, io }: CliContext): Promise<ListedModel[]> {
  const { modelsDir } = services;
  const bundled = (await bundledNames(modelsDir)).map((name) => bundledModel(modelsDir, name));
  const hub = await hubModels(modelStoreFolder(io.env), hubCacheFolder(io.env));
  return Promise.all([...bundled, ...hub.map(hubModel)]);
}

async function bundledModel(modelsDir: string, name: string): Promise<ListedModel> {
  const dir = path.join(modelsDir, name);
  const [family, bytes] = await Promise.all([readFamily(dir), folderBytes(dir)]);
  const nothing = { dtypes: [], missing: [], download: null, known: null };
  return { ...nothing, name, dir, family, bytes, state: "bundled", isDefault: name === DEFAULT_MODEL };
}

async function hubModel(entry: HubEntry): Promise<ListedModel> {
  const family = entry.dir === null ? null : await readFamily(entry.dir);
  return { ...entry, family: family ?? entry.known?.family ?? null, isDefault: false };
}

async function readFamily(dir: string): Promise<string | null> {
  try {
    const config: unknown = JSON.parse(await readFile(path.join(dir, "config.json"), "utf8"));
    const family = (config as { model_type?: unknown } | null)?.model_type;
    return typeof family === "string" ? family : null;
  } catch {
    return null;
  }
}
