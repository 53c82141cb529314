import { DexarError } from "../errors.js";

/** A run file that is broken at one place; `what` completes "… is damaged: ". */
export function damagedRunFile(what: string, cause?: unknown): DexarError {
  return new DexarError(
    "run-file-damaged",
    `The run file is damaged: ${what}.`,
    "Take another copy of the file, or explain the picture again.",
    { cause },
  );
}
