import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Environment } from "../../hub/environment.js";
import { hubModels, type HubEntry } from "../../hub/modelList.js";
import { anyonesModels, namedModel } from "../../hub/namedModel.js";
import { hubCacheFolder, modelStoreFolder, withHome } from "../../hub/places.js";
import { isRepoName } from "../../hub/repoName.js";
import type { CliContext } from "../context.js";
import { UsageError } from "../usageError.js";

/** The bundled model that is used when --model is not given. */
export const DEFAULT_MODEL = "emoji-llava";

/**
 * The folder of a model as the editor finds it: by the name of a bundled, downloaded or cached one, as a path, or by a
 * name without its owner (`name` for `owner/name`) where only one model is called so.
 * @param base folder of relative paths
 * @throws UsageError `model-not-found` (with the known names), `model-ambiguous`, `model-not-folder` or
 * `model-not-whole`
 */
export async function findModel(
  nameOrDir: string,
  { services: { modelsDir }, io }: CliContext,
  base = ".",
): Promise<string> {
  const bundled = await bundledNames(modelsDir);
  const own = namedModel(
    bundled.map((name) => ({ name })),
    nameOrDir,
  );
  if (own !== undefined) return path.join(modelsDir, own.name);
  const ofHub = mayBeName(nameOrDir) ? await hubHere(io.env) : [];
  const named = namedModel(ofHub, nameOrDir);
  if (named !== undefined && named.dir !== null) return named.dir;
  const folder = await folderAt(path.resolve(base, withHome(nameOrDir)), nameOrDir);
  if (folder !== null) return folder;
  const [found, ...others] = named === undefined ? anyonesModels(ofHub, nameOrDir) : [named];
  if (found === undefined) throw unknown(nameOrDir, bundled);
  if (others.length > 0) throw ambiguous(nameOrDir, [found, ...others]);
  return found.dir ?? notWhole(found);
}

/** Names of the folders in `modelsDir`, sorted; empty when there is no such folder. */
export async function bundledNames(modelsDir: string): Promise<string[]> {
  const entries = await readdir(modelsDir, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
}

function mayBeName(text: string): boolean {
  return isRepoName(text) || isRepoName(`owner/${text}`);
}

/** The models of the hub that are on this machine, whole or not. */
async function hubHere(env: Environment): Promise<HubEntry[]> {
  const models = await hubModels(modelStoreFolder(env), hubCacheFolder(env));
  return models.filter(({ state }) => state !== "available");
}

/** The folder at a path; null where nothing is. */
async function folderAt(place: string, written: string): Promise<string | null> {
  const stats = await stat(place).catch(() => null);
  if (stats === null || stats.isDirectory()) return stats && place;
  throw new UsageError(
    "model-not-folder",
    `The model is a file, not a folder: ${written}`,
    "Give the folder that holds config.json and the onnx folder.",
  );
}

function notWhole({ name, missing, download }: HubEntry): never {
  const lacks = download === null ? `it lacks ${missing.join(", ")}` : "its download is not finished";
  throw new UsageError(
    "model-not-whole",
    `${name} cannot be used: ${lacks}.`,
    `Download the rest: dexar models pull ${name}`,
  );
}

function ambiguous(name: string, models: readonly HubEntry[]): UsageError {
  return new UsageError(
    "model-ambiguous",
    `Several models are called "${name}": ${models.map((model) => model.name).join(", ")}.`,
    "Write the whole name: --model owner/name.",
  );
}

function unknown(name: string, names: readonly string[]): UsageError {
  const known = names.length === 0 ? "there are none" : names.join(", ");
  const pull = isRepoName(name) ? `, or download it: dexar models pull ${name}` : "";
  return new UsageError(
    "model-not-found",
    `No bundled model, no folder and no downloaded model is called "${name}".`,
    `Give a model folder, or a bundled model (${known})${pull}.`,
  );
}
