import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DexarError } from "../../core/errors.js";
import { writeFileAtomically, type FileContent } from "./writeFileAtomically.js";

/** Where a file is, and why not where it should be (null: it is). */
export interface WrittenFile {
  readonly path: string;
  readonly failure: DexarError | null;
}

/**
 * Writes a whole file, where that fails to a new folder among the system's temporary files under the same name.
 * @param contentFor what to write to a place; `failure` says why an earlier one did not take it
 * @throws DexarError `run-not-saved` when that fails too
 */
export async function writeOrKeepElsewhere(
  file: string,
  contentFor: (failure: DexarError | null, place: string) => FileContent,
): Promise<WrittenFile> {
  const failure = await tryToWrite(file, contentFor(null, file));
  if (failure === null) return { path: file, failure };
  const folder = await mkdtemp(path.join(tmpdir(), "dexar-")).catch((cause: unknown) => {
    throw notSaved(failure, String(cause));
  });
  const place = path.join(folder, path.basename(file));
  const second = await tryToWrite(place, contentFor(failure, place));
  if (second !== null) throw notSaved(failure, second.message);
  return { path: place, failure };
}

async function tryToWrite(file: string, content: FileContent): Promise<DexarError | null> {
  try {
    await writeFileAtomically(file, content);
    return null;
  } catch (error) {
    if (error instanceof DexarError) return error;
    throw error;
  }
}

function notSaved(first: DexarError, second: string): DexarError {
  return new DexarError(
    "run-not-saved",
    `The result could not be saved. ${first.message}. The folder for temporary files failed too: ${second}.`,
    first.nextStep,
    { cause: first },
  );
}
