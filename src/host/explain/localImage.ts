import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { writeFailed } from "../writeFailed.js";

/** A picture as a file of this machine; disposed of when it is no longer needed. */
export interface LocalImage {
  readonly file: string;
  dispose(): Promise<void>;
}

/** Larger pictures of a virtual workspace are not copied: 256 MiB. */
const MAX_COPIED_BYTES = 256 * 2 ** 20;

/**
 * The picture as a file: itself, or a copy of what a virtual workspace holds, with the same name.
 * @throws DexarError `image-not-found`, `image-is-folder`, `image-not-readable`, `image-too-large`, `output-write-failed`
 */
export async function localImage(image: vscode.Uri): Promise<LocalImage> {
  if (image.scheme === "file") {
    const stats = await stat(image.fsPath).catch(() => null);
    if (stats === null) throw notFound(image.fsPath);
    if (stats.isDirectory()) throw isFolder(image.fsPath);
    return { file: image.fsPath, dispose: async () => {} };
  }
  const bytes = await readVirtual(image);
  const name = path.posix.basename(image.path);
  try {
    const folder = await mkdtemp(path.join(os.tmpdir(), "dexar-picture-"));
    const file = path.join(folder, name);
    await writeFile(file, bytes);
    return { file, dispose: () => rm(folder, { recursive: true, force: true }) };
  } catch (cause) {
    throw writeFailed(name, cause);
  }
}

/**
 * Several pictures as files; where one cannot be had, the copies of those before it are gone.
 * @throws DexarError those of `localImage`
 */
export async function localImages(
  images: readonly [vscode.Uri, ...vscode.Uri[]],
): Promise<[LocalImage, ...LocalImage[]]> {
  const [first, ...rest] = images;
  const files: [LocalImage, ...LocalImage[]] = [await localImage(first)];
  try {
    for (const image of rest) files.push(await localImage(image));
    return files;
  } catch (error) {
    for (const file of files) await file.dispose().catch(() => null);
    throw error;
  }
}

async function readVirtual(image: vscode.Uri): Promise<Uint8Array> {
  try {
    const { size, type } = await vscode.workspace.fs.stat(image);
    if (type === vscode.FileType.Directory) throw isFolder(image.toString());
    if (size > MAX_COPIED_BYTES) throw tooLarge(image, size);
    return await vscode.workspace.fs.readFile(image);
  } catch (error) {
    if (error instanceof DexarError) throw error;
    if (error instanceof vscode.FileSystemError && error.code === "FileNotFound")
      throw notFound(image.toString());
    throw new DexarError(
      "image-not-readable",
      vscode.l10n.t(
        "The picture {0} cannot be read: {1}.",
        image.toString(),
        error instanceof Error ? error.message : String(error),
      ),
      vscode.l10n.t("Save a copy of it on this machine and choose that."),
      { cause: error },
    );
  }
}

function notFound(place: string): DexarError {
  return new DexarError(
    "image-not-found",
    vscode.l10n.t("There is no picture at {0}. It was moved or deleted.", place),
    vscode.l10n.t("Choose another picture."),
  );
}

function isFolder(place: string): DexarError {
  return new DexarError(
    "image-is-folder",
    vscode.l10n.t("{0} is a folder, not a picture.", place),
    vscode.l10n.t("Choose a picture."),
  );
}

function tooLarge(image: vscode.Uri, bytes: number): DexarError {
  return new DexarError(
    "image-too-large",
    vscode.l10n.t(
      "The picture {0} has {1} MB; from a virtual workspace at most {2} MB are copied.",
      image.toString(),
      Math.ceil(bytes / 2 ** 20),
      MAX_COPIED_BYTES / 2 ** 20,
    ),
    vscode.l10n.t("Save a copy of it on this machine and choose that."),
  );
}
