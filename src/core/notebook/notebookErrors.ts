import { DexarError } from "../errors.js";

/** `notebook-damaged`: the file cannot be read; `what` completes "… is damaged: ". */
export function damagedNotebook(what: string): DexarError {
  return new DexarError(
    "notebook-damaged",
    `The notebook is damaged: ${what}. The file is as it was.`,
    "Open it with the text editor and correct that place, or go back to an earlier version of the file.",
  );
}

/** `notebook-newer`: the file was written by a later version of this tool. */
export function newerNotebook(version: number): DexarError {
  return new DexarError(
    "notebook-newer",
    `The notebook has version ${version}; this version of DEX-AR reads version 1. The file is as it was.`,
    "Update DEX-AR, then open it again.",
  );
}
