import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DexarError } from "../../core/errors.js";
import { writeFileAtomically } from "./writeFileAtomically.js";

/** Where a file is, and why not where it should be (null: it is). */
export interface WrittenFile {
  readonly path: string;
  readonly failure: DexarError | null;
}

/**
 * Writes a whole file, where that fails to a new folder among the system's temporary files under the same name.
 * @param content made anew for the second place, told why the first failed
 * @throws DexarError `run-not-saved` when that fails too
 */
export async function writeOrKeepElsewhere(
  file: string,
  content: Uint8Array | ((failure: DexarError | null, path: string) => Promise<Uint8Array>),
): Promise<WrittenFile> {
  const bytes = (failure: DexarError | null, place: string) =>
    typeof content === "function" ? content(failure, place) : Promise.resolve(content);
  const failure = await tryToWrite(file, await bytes(null, file));
  if (failure === null) return { path: file, failure };
  const folder = await mkdtemp(path.join(tmpdir(), "dexar-")).catch((cause: unknown) => {
    throw notSaved(failure, String(cause));
  });
  const place = path.join(folder, path.basename(file));
  const second = await tryToWrite(place, await bytes(failure, place));
  if (second !== null) throw notSaved(failure, second.message);
  return { path: place, failure };
}

async function tryToWrite(file: string, bytes: Uint8Array): Promise<DexarError | null> {
  try {
    await writeFileAtomically(file, bytes);
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
