import { statfs } from "node:fs/promises";
import { bytesText } from "../core/memory/bytesText.js";
import { diskFull } from "./hubErrors.js";

/** Left free for the rest of the machine. */
const RESERVE = 100e6;

/** Bytes that the disk of a folder can take; null where the system does not say. */
export async function freeBytes(folder: string): Promise<number | null> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  );
}

/** Checks that there is space for so many bytes more. @throws DexarError `not-enough-disk` */
export function checkSpace(folder: string, needed: number, free: number | null): void {
  if (free === null || needed === 0 || needed + RESERVE <= free) return;
  throw diskFull(
    folder,
    `${bytesText(needed)} and ${bytesText(RESERVE)} to spare are needed, ${bytesText(free)} are free`,
  );
}
