import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { UsageError } from "../usageError.js";

/** The bundled model that is used when --model is not given. */
export const DEFAULT_MODEL = "emoji-llava";

/**
 * The folder of a model: a bundled model's name, else a path.
 * @throws UsageError `model-not-found` (with the known names) or `model-not-folder`
 */
export async function findModel(nameOrDir: string, modelsDir: string): Promise<string> {
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
  const known = names.length === 0 ? "there are none" : names.join(", ");
  throw new UsageError(
    "model-not-found",
    `No bundled model and no folder is called "${nameOrDir}".`,
    `Give a model folder, or a bundled model (${known}).`,
  );
}

/** Names of the folders in `modelsDir`, sorted; empty when there is no such folder. */
export async function bundledNames(modelsDir: string): Promise<string[]> {
  const entries = await readdir(modelsDir, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
}
