import { DexarError } from "../errors.js";

/** A digest that is broken at one place; `what` completes "… is damaged: ". */
export function damagedDigest(what: string, cause?: unknown): DexarError {
  return new DexarError(
    "digest-damaged",
    `The saved result is damaged: ${what}.`,
    "Run it again, or open the run file if you have it.",
    { cause },
  );
}

/** A digest of a newer version of this tool. */
export function newerDigest(version: number): DexarError {
  return new DexarError(
    "digest-newer",
    `The saved result has version ${version}; this tool reads version 1.`,
    "Update DEX-AR, then open it again.",
  );
}
