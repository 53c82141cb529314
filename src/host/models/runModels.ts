import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import type { RunFileHash, RunModel } from "../../core/run/types.js";
import type { KnownModels, ModelChoice } from "../services.js";

/** Larger files count as the run's when their size is: reading them would take long, and the model process compares them anyway. */
const MOST_HASHED_BYTES = 512 * 2 ** 20;
/** The name of a weight type, for what a run file says goes into the name of a file. */
const DTYPE = /^[a-z0-9]+$/i;

/** Finds the models that runs were made with. */
export class RunModels {
  /** Hashes by path, size and time of the file. */
  private readonly hashes = new Map<string, Promise<string>>();

  constructor(private readonly known: Pick<KnownModels, "list">) {}

  /** The known model whose files are those of the run's, best one of the same name; null when there is none. */
  async find(model: RunModel): Promise<ModelChoice | null> {
    const known = await this.known.list();
    const sameName = known.filter(({ name }) => name === model.name);
    // Without files there is only the name to go by.
    const others = model.files.length === 0 ? [] : known.filter(({ name }) => name !== model.name);
    for (const choice of [...sameName, ...others]) {
      if (!(await this.holds(choice, model.files))) continue;
      return DTYPE.test(model.dtype) ? { ...choice, dtype: model.dtype } : choice;
    }
    return null;
  }

  /**
   * As `find`.
   * @throws DexarError `model-not-installed`
   */
  async get(model: RunModel): Promise<ModelChoice> {
    const found = await this.find(model);
    if (found === null) throw notInstalled(model);
    return found;
  }

  private async holds({ dir }: ModelChoice, files: readonly RunFileHash[]): Promise<boolean> {
    for (const file of files) if (!(await this.isSame(dir, file))) return false;
    return true;
  }

  private async isSame(dir: string, { name, bytes, sha256 }: RunFileHash): Promise<boolean> {
    if (name !== path.basename(name)) return false;
    const file = path.join(dir, "onnx", name);
    const stats = await stat(file).catch(() => null);
    if (stats?.size !== bytes) return false;
    if (bytes > MOST_HASHED_BYTES) return true;
    const key = `${file}:${bytes}:${stats.mtimeMs}`;
    const hash = this.hashes.get(key) ?? sha256Of(file);
    this.hashes.set(key, hash);
    try {
      return (await hash) === sha256;
    } catch {
      // What could not be read is not the run's for now; it is tried again the next time.
      this.hashes.delete(key);
      return false;
    }
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

function notInstalled({ name, dtype }: RunModel): DexarError {
  return new DexarError(
    "model-not-installed",
    vscode.l10n.t("This run was made with {0} ({1}), which is not among the models known here.", name, dtype),
    vscode.l10n.t("Choose its folder as the model once, then ask again."),
  );
}
