import { access, constants, open, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { DexarError } from "../../core/errors.js";
import { UsageError } from "../usageError.js";
import { temporaryName } from "../../runtime/files/writeFileAtomically.js";

/** Where an output option points: one file, or a folder with a file per image. */
export interface OutputTarget {
  readonly kind: "file" | "folder";
  readonly path: string;
}

/**
 * Finds out what an output option means and that it can be written, before the work starts.
 * @param flag the option, for messages
 * @param extensions allowed endings of a file, the usual one first
 * @param imageCount with more than one image only a folder will do
 * @throws UsageError `output-needs-folder` or `output-extension`,
 * DexarError `output-folder-missing` or `output-not-writable`
 */
export async function outputTarget(
  flag: string,
  value: string,
  extensions: readonly string[],
  imageCount: number,
): Promise<OutputTarget> {
  const stats = await stat(value).catch(() => null);
  if (stats?.isDirectory() === true) {
    await checkFolderWritable(flag, value);
    return { kind: "folder", path: value };
  }
  if (stats === null && (endsWithSeparator(value) || path.extname(value) === ""))
    throw folderMissing(flag, value);
  if (!extensions.includes(path.extname(value).toLowerCase())) throw wrongExtension(flag, value, extensions);
  if (imageCount > 1) throw needsFolder(flag, value, imageCount);
  const folder = path.dirname(value);
  const folderStats = await stat(folder).catch(() => null);
  if (folderStats?.isDirectory() !== true) throw folderMissing(flag, folder);
  if (stats !== null) {
    if (!stats.isFile()) throw notWritable(flag, value, "it is not a regular file");
    await access(value, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
      throw notWritable(flag, value, error.code ?? error.message);
    });
  }
  await checkFolderWritable(flag, folder);
  return { kind: "file", path: value };
}

/** Permission bits lie (read-only mounts, other owners), so a file is really made and removed. */
async function checkFolderWritable(flag: string, folder: string): Promise<void> {
  const probe = temporaryName(path.join(folder, "check"));
  try {
    const handle = await open(probe, "wx");
    await handle.close();
    await unlink(probe);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw notWritable(flag, folder, code ?? message);
  }
}

function endsWithSeparator(value: string): boolean {
  return value.endsWith("/") || value.endsWith(path.sep);
}

function folderMissing(flag: string, folder: string): DexarError {
  return new DexarError(
    "output-folder-missing",
    `The folder of ${flag} does not exist: ${folder}`,
    "Create it, or give another path.",
  );
}

function notWritable(flag: string, where: string, why: string): DexarError {
  return new DexarError(
    "output-not-writable",
    `${flag} cannot be written (${why}): ${where}`,
    "Give a path in a folder you may write to.",
  );
}

function wrongExtension(flag: string, value: string, extensions: readonly string[]): UsageError {
  const usual = extensions[0] ?? "";
  return new UsageError(
    "output-extension",
    `The file of ${flag} must end in ${extensions.join(" or ")}: ${value}`,
    `Write ${path.basename(value, path.extname(value))}${usual}, or give a folder that exists.`,
  );
}

function needsFolder(flag: string, value: string, imageCount: number): UsageError {
  return new UsageError(
    "output-needs-folder",
    `${flag} ${value} is one file, but there are ${imageCount} images.`,
    `Give ${flag} a folder that exists.`,
  );
}
