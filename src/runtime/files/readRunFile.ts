import { readFile } from "node:fs/promises";
import { DexarError } from "../../core/errors.js";
import { readRun } from "../../core/run/readRun.js";
import type { Run } from "../../core/run/types.js";

/**
 * Reads a run file from disk.
 * @throws DexarError `run-not-found`, `run-not-readable`, and those of `readRun`
 */
export async function readRunFile(path: string): Promise<Run> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(path, cause);
  });
  return (await readRun(bytes)).run;
}

function unreadable(path: string, cause: NodeJS.ErrnoException): DexarError {
  if (cause.code === "ENOENT") {
    return new DexarError("run-not-found", `There is no such run file: ${path}`, "Check the path.", {
      cause,
    });
  }
  return new DexarError(
    "run-not-readable",
    `The run file cannot be read (${cause.code ?? cause.message}): ${path}`,
    "Check the path and its permissions.",
    { cause },
  );
}
