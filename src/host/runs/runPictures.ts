import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import type { RunInfo } from "../../core/run/types.js";
import { writeFailed } from "../writeFailed.js";
import { writeFileAtomically } from "../writeFileAtomically.js";

/** A picture that was taken out of a run file and that no run shows any more stays this long. */
const UNUSED_AFTER_MS = 7 * 24 * 3600 * 1000;

/** Larger files are no pictures of runs. */
const MOST_BYTES = 2 ** 30;

/** Pictures that were taken out of run files, in a folder beside the runs. */
export class RunPictures {
  constructor(private readonly folder: string) {}

  /**
   * The picture of a run as a file: the first place that still holds it, else one made of what the run holds.
   * @param read gives the bytes in the run
   * @param places where the picture may lie
   * @throws DexarError `output-write-failed`, and what `read` throws
   */
  async fileOf(
    { name, sha256 }: RunInfo["image"],
    read: () => Promise<Uint8Array>,
    places: readonly vscode.Uri[],
  ): Promise<vscode.Uri> {
    for (const place of places) if (await holds(place, sha256)) return place;
    const image = await read();
    const hash = sha256Of(image);
    const file = path.join(this.folder, hash.slice(0, 16), safeName(name));
    const uri = vscode.Uri.file(file);
    if (await holds(uri, hash)) return uri;
    await mkdir(path.dirname(file), { recursive: true }).catch((cause: unknown) => {
      throw writeFailed(name, cause);
    });
    await writeFileAtomically(file, image);
    return uri;
  }

  /** Deletes pictures that are not used and have not been for long. */
  async removeUnused(used: readonly vscode.Uri[]): Promise<void> {
    const kept = new Set(used.map(({ fsPath }) => path.dirname(fsPath)));
    for (const name of await readdir(this.folder).catch(() => [])) {
      const folder = path.join(this.folder, name);
      const stats = await stat(folder).catch(() => null);
      if (stats === null || kept.has(folder) || Date.now() - stats.mtimeMs < UNUSED_AFTER_MS) continue;
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function holds(place: vscode.Uri, hash: string): Promise<boolean> {
  if (place.scheme !== "file") return false;
  const stats = await stat(place.fsPath).catch(() => null);
  if (stats?.isFile() !== true || stats.size > MOST_BYTES) return false;
  const content = await readFile(place.fsPath).catch(() => null);
  return content !== null && sha256Of(content) === hash;
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The name is from a file that anybody may have made: no path, and nothing that a file system refuses. */
function safeName(name: string): string {
  const base = path.posix.basename(name.replaceAll("\\", "/")).replace(/[\p{Cc}<>:"|?*]+/gu, "-");
  return /^\.*$/.test(base) ? "picture" : base.slice(-100);
}
