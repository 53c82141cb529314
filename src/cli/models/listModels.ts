import { readFile, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { bundledNames, DEFAULT_MODEL } from "./findModel.js";

/** A bundled model as `dexar models list` shows it. */
export interface ListedModel {
  readonly name: string;
  readonly dir: string;
  /** `model_type` of its config.json; null when that cannot be read. */
  readonly family: string | null;
  /** Size of all its files. */
  readonly bytes: number;
  readonly isDefault: boolean;
}

/** The models that lie in `modelsDir`, by name. */
export async function listModels(modelsDir: string): Promise<ListedModel[]> {
  const names = await bundledNames(modelsDir);
  return Promise.all(
    names.map(async (name) => {
      const dir = path.join(modelsDir, name);
      const [family, bytes] = await Promise.all([readFamily(dir), folderBytes(dir)]);
      return { name, dir, family, bytes, isDefault: name === DEFAULT_MODEL };
    }),
  );
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

async function folderBytes(dir: string): Promise<number> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map((file) => stat(path.join(file.parentPath, file.name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
