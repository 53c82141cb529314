import { mkdirSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { DexarError } from "../../core/errors.js";
import { bytesText } from "../../core/memory/bytesText.js";
import { writeProblem } from "../../runtime/files/writeProblem.js";

/** Left free for everything else on the disk. */
const SPARE = 200e6;

/**
 * Makes a folder for a built model where there is none.
 * @throws DexarError `cache-not-writable`
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const { reason } = writeProblem(error as NodeJS.ErrnoException);
    const next = "Set DEXAR_CACHE to a folder that you may write to.";
    throw new DexarError("cache-not-writable", `${folder} cannot be made: ${reason}.`, next, {
      cause: error,
    });
  }
}

/** Bytes that can still be written to the disk of a folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Makes sure that `needed` bytes fit on the disk of a folder.
 * @throws DexarError `disk-full`
 */
export async function checkRoom(folder: string, needed: number, free = freeBytes): Promise<void> {
  const room = await free(folder);
  if (needed + SPARE > room) throw diskFull(folder, needed, room);
}

/** @param free bytes that are free; null: not known */
export function diskFull(folder: string, needed: number, free: number | null, cause?: unknown): DexarError {
  const found = free === null ? "the disk is full" : `${bytesText(free)} are free`;
  return new DexarError(
    "disk-full",
    `Building the model takes ${bytesText(needed)} in ${folder}, and ${found}.`,
    "Free some room, or set DEXAR_CACHE to a folder on another disk.",
    { cause },
  );
}
