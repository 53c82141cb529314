import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { hubModels } from "../../hub/modelList.js";
import { hubCacheFolder, modelStoreFolder } from "../../hub/places.js";
import { isRepoName } from "../../hub/repoName.js";
import type { CliContext } from "../context.js";
import { UsageError } from "../usageError.js";

/** The bundled model that is used when --model is not given. */
export const DEFAULT_MODEL = "emoji-llava";

/**
 * The folder of a model: a bundled model's name, a path, or the name of a downloaded or cached model of the hub.
 * @throws UsageError `model-not-found` (with the known names), `model-not-folder` or `model-not-whole`
 */
export async function findModel(nameOrDir: string, { services, io }: CliContext): Promise<string> {
  const { modelsDir } = services;
  const names = await bundledNames(modelsDir);
  if (names.includes(nameOrDir)) return path.join(modelsDir, nameOrDir);
  const stats = await stat(nameOrDir).catch(() => null);
  if (stats?.isDirectory() === true) return path.resolve(nameOrDir);
  if (stats !== null) {
    throw new UsageError(
      "model-not-folder",
      `The model is a file, not a folder: ${nameOrDir}`,
      "Give the folder that holds config.json and the onnx folder.",
    );
  }
  return (await hubFolder(nameOrDir, io.env)) ?? unknown(nameOrDir, names);
}

/** Names of the folders in `modelsDir`, sorted; empty when there is no such folder. */
export async function bundledNames(modelsDir: string): Promise<string[]> {
  const entries = await readdir(modelsDir, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
}

/** The folder of a model of the hub that is on this machine; null where none of this name is. */
async function hubFolder(name: string, env: CliContext["io"]["env"]): Promise<string | null> {
  if (!isRepoName(name)) return null;
  const models = await hubModels(modelStoreFolder(env), hubCacheFolder(env));
  const found = models.find((model) => model.name === name);
  if (found === undefined || found.state === "available") return null;
  if (found.dir !== null) return found.dir;
  const lacks = found.download === null ? `it lacks ${found.missing.join(", ")}` : "its download is not finished";
  throw new UsageError(
    "model-not-whole",
    `${name} cannot be used: ${lacks}.`,
    `Download the rest: dexar models pull ${name}`,
  );
}

function unknown(name: string, names: readonly string[]): never {
  const known = names.length === 0 ? "there are none" : names.join(", ");
  const pull = isRepoName(name) ? `, or download it: dexar models pull ${name}` : "";
  throw new UsageError(
    "model-not-found",
    `No bundled model, no folder and no downloaded model is called "${name}".`,
    `Give a model folder, or a bundled model (${known})${pull}.`,
  );
}
