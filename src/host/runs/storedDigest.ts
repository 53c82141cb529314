import { readFile } from "node:fs/promises";
import { readDigest, runDigest } from "../../core/run/runDigest.js";
import { readRun } from "../../core/run/readRun.js";
import type { FinishedRun } from "../../protocol/panel.js";

/**
 * A kept digest; null when there is none, or none that this version reads.
 * @param log told why a file that is there is of no use
 */
export async function keptDigest(file: string, log: (message: string) => void): Promise<string | null> {
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    readDigest(text);
    return text;
  } catch (error) {
    log(`The digest ${file} is made again: ${String(error)}`);
    return null;
  }
}

/**
 * The digest of a run, from its file.
 * @throws DexarError of a damaged run file
 */
export async function digestOf({ file, picture }: FinishedRun): Promise<string> {
  const { run, attribution } = await readRun(file);
  return runDigest(run, attribution, picture);
}
