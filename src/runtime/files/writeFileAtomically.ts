import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { open, rename, unlink } from "node:fs/promises";
import path from "node:path";
import { DexarError } from "../../core/errors.js";
import type { WriteBytes } from "../../core/run/writeRun.js";
import { writeProblem } from "./writeProblem.js";

const unfinished = new Set<string>();

/** Removes the temporary files of writes under way; for a program that is about to end. */
export function removeUnfinishedFiles(): void {
  for (const file of unfinished) rmSync(file, { force: true });
}

/** A name in the same folder that no other file has. */
export function temporaryName(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString("hex")}.tmp`);
}

/** What a file is to hold, or what writes it piece by piece. */
export type FileContent = Uint8Array | string | ((write: WriteBytes) => Promise<void>);

/**
 * Writes a whole file or leaves what was there: to a temporary name in the same folder, then renamed.
 * @throws DexarError `output-write-failed`
 */
export async function writeFileAtomically(file: string, content: FileContent): Promise<void> {
  const temporary = temporaryName(file);
  unfinished.add(temporary);
  try {
    const handle = await open(temporary, "wx");
    try {
      if (typeof content === "function") await content((bytes) => handle.writeFile(bytes));
      else await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => null);
    if (error instanceof DexarError) throw error;
    const { reason, nextStep } = writeProblem(error as NodeJS.ErrnoException);
    throw new DexarError("output-write-failed", `Writing failed (${reason}): ${file}`, nextStep, {
      cause: error,
    });
  } finally {
    unfinished.delete(temporary);
  }
}
