import { open, stat, type FileHandle } from "node:fs/promises";
import { DexarError } from "../../core/errors.js";
import { FILE_KIND_BYTES, fileKind, type FileKind, type PictureFormat } from "./fileKind.js";
import {
  MAX_FILE_BYTES,
  notReadableKind,
  pictureEmpty,
  pictureFileError,
  pictureFileTooLong,
  pictureIsFolder,
  pictureNotFile,
} from "./pictureErrors.js";

/** A file whose first bytes are those of a picture format that can be read. */
export interface PictureFile {
  readonly bytes: Uint8Array;
  readonly format: PictureFormat;
  /** The format in words, by the first bytes: `PNG`, `JPEG`, … */
  readonly formatName: string;
}

/** Reads a picture file whole, refusing by a look at its start what cannot be one. Throws DexarError `image-*`, `not-an-image`. */
export async function readPictureFile(path: string): Promise<PictureFile> {
  let file: FileHandle | undefined;
  try {
    // Before opening: to open a pipe would wait for its writer.
    const stats = await stat(path);
    if (stats.isDirectory()) throw pictureIsFolder(path);
    if (!stats.isFile()) throw pictureNotFile(path);
    if (stats.size === 0) throw pictureEmpty(path);
    file = await open(path, "r");
    return await readOpen(file, path, stats.size);
  } catch (error) {
    throw error instanceof DexarError ? error : pictureFileError(path, error);
  } finally {
    await file?.close();
  }
}

async function readOpen(file: FileHandle, path: string, size: number): Promise<PictureFile> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(FILE_KIND_BYTES), 0, FILE_KIND_BYTES, 0);
  const { format, name } = pictureKind(buffer.subarray(0, bytesRead), path);
  if (size > MAX_FILE_BYTES) throw pictureFileTooLong(path, size);
  // Positioned reads leave the file's own position at the start.
  const bytes = await file.readFile();
  return {
    bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
    format,
    formatName: name,
  };
}

/** The same from bytes that were read before; `name` stands for the file in messages. */
export function pictureFileOf(bytes: Uint8Array, name: string): PictureFile {
  if (bytes.length === 0) throw pictureEmpty(name);
  const kind = pictureKind(bytes.subarray(0, FILE_KIND_BYTES), name);
  return { bytes, format: kind.format, formatName: kind.name };
}

function pictureKind(start: Uint8Array, path: string): Extract<FileKind, { kind: "picture" }> {
  const kind = fileKind(start);
  if (kind.kind !== "picture") throw notReadableKind(path, kind, start);
  return kind;
}
