import { readFile } from "node:fs/promises";
import { DexarError } from "../../core/errors.js";
import type { StoredRun } from "../../core/run/arraySpecs.js";
import { readRun } from "../../core/run/readRun.js";

/**
 * A run file of the command line; with two of them a message must say which one it is about.
 * @throws DexarError `run-not-found`, `run-not-readable`, and those of `readRun` with the file's name
 */
export async function readStoredRun(file: string): Promise<StoredRun> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === "ENOENT"
      ? new DexarError("run-not-found", `There is no such run file: ${file}`, "Check the path.", { cause })
      : new DexarError(
          "run-not-readable",
          `The run file cannot be read (${cause.code ?? cause.message}): ${file}`,
          "Check the path and its permissions.",
          { cause },
        );
  });
  return readRun(bytes).catch((error: unknown) => {
    if (!(error instanceof DexarError)) throw error;
    throw new DexarError(error.code, `${file}: ${error.message}`, error.nextStep, { cause: error });
  });
}
