import { closeSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { resolve, sep } from "node:path";
import { DexarError } from "../core/errors.js";
import type { ByteSource, ModelFolder } from "../core/onnx/index.js";

/** A folder on disk, with the real paths of its files for ONNX Runtime, which refuses links that leave the folder. */
export interface DiskModelFolder extends ModelFolder {
  /** The file itself behind a name (links followed), or undefined if there is none. */
  realPath(name: string): string | undefined;
}

/**
 * Opens a folder that holds .onnx files. Names may not leave it, with one exception: links into the `blobs` folder
 * of the same repository in a Hugging Face cache. A name that leaves the folder throws `onnx-external-outside`.
 */
export function openModelFolder(directory: string): DiskModelFolder {
  const realPath = (name: string) => findFile(directory, name);
  return {
    realPath,
    open: (name) => {
      const path = realPath(name);
      return path === undefined ? undefined : diskSource(path);
    },
  };
}

/** The same where a file that is missing seems to be there, without an end and full of zeros: to ask graphs for sizes. */
export function paperFolder(directory: string): DiskModelFolder {
  const folder = openModelFolder(directory);
  return {
    realPath: (name) => folder.realPath(name),
    open: (name) =>
      folder.open(name) ?? { size: Number.MAX_SAFE_INTEGER, read: (_, length) => new Uint8Array(length) },
  };
}

function findFile(directory: string, name: string): string | undefined {
  const path = resolve(directory, name);
  if (!isInside(resolve(directory), path) || name.includes("\0")) throw outside(directory, name);
  const real = existingFile(path);
  if (real === undefined) return undefined;
  const folder = realpathSync(directory);
  const blobs = cacheBlobs(folder);
  if (isInside(folder, real) || (blobs !== undefined && isInside(blobs, real))) return real;
  throw outside(directory, name);
}

const NO_SUCH_FILE: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"]);

/** The real path of a file, undefined for anything else. */
function existingFile(path: string): string | undefined {
  try {
    return statSync(path).isFile() ? realpathSync(path) : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && NO_SUCH_FILE.has(error.code)) return undefined;
    throw notReadable(path, error);
  }
}

/** `<cache>/models--org--name/snapshots/<revision>/…` keeps its files in `<cache>/models--org--name/blobs`. */
function cacheBlobs(folder: string): string | undefined {
  const parts = folder.split(sep);
  const snapshots = parts.lastIndexOf("snapshots");
  return snapshots < 1 ? undefined : [...parts.slice(0, snapshots), "blobs"].join(sep);
}

function isInside(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The file is opened for each read, so that nothing has to be closed by whoever holds the source. */
function diskSource(path: string): ByteSource {
  return {
    size: statSync(path).size,
    read: (offset, length) => {
      const bytes = new Uint8Array(length);
      const file = openForReading(path);
      try {
        readFully(file, bytes, offset, path);
      } finally {
        closeSync(file);
      }
      return bytes;
    },
  };
}

function openForReading(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw notReadable(path, error);
  }
}

/** One read returns at most 2 GB, so larger ranges take several. */
function readFully(file: number, bytes: Uint8Array, offset: number, path: string): void {
  for (let done = 0; done < bytes.length;) {
    const count = readSync(file, bytes, done, Math.min(bytes.length - done, 2 ** 30), offset + done);
    if (count === 0) {
      throw new DexarError(
        "onnx-truncated",
        `${path} ends before byte ${offset + bytes.length}.`,
        "Download the model again, and do not change its files while it is in use.",
      );
    }
    done += count;
  }
}

function outside(directory: string, name: string): DexarError {
  return new DexarError(
    "onnx-external-outside",
    `${JSON.stringify(name)} is not a file inside ${directory}.`,
    "Do not use this model unless you trust its source; put its files, not links to elsewhere, into its folder.",
  );
}

function notReadable(path: string, cause: unknown): DexarError {
  return new DexarError(
    "onnx-not-readable",
    `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
    "Check that you may read the file and its folder.",
    { cause },
  );
}
