import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { DexarError } from "../../core/errors.js";
import type { RunFileHash } from "../../core/run/types.js";
import type { LoadedVlm } from "./loadModel.js";

const hashes = new WeakMap<LoadedVlm, Promise<RunFileHash[]>>();

/**
 * Hashes of the model's graph files, taken once per loaded model.
 * @throws DexarError `model-file-missing` when a file has gone since the model was loaded
 */
export function modelHashes(vlm: LoadedVlm): Promise<readonly RunFileHash[]> {
  const known = hashes.get(vlm);
  if (known) return known;
  const made = Promise.all(vlm.parts.all.map(({ path }) => hashFile(path)));
  hashes.set(vlm, made);
  return made;
}

async function hashFile(path: string): Promise<RunFileHash> {
  try {
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return { name: basename(path), bytes: (await stat(path)).size, sha256: hash.digest("hex") };
  } catch (cause) {
    throw new DexarError(
      "model-file-missing",
      `${path} cannot be read any more.`,
      "Put the model's files back and load the model again.",
      { cause },
    );
  }
}
