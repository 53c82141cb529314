import { realpath } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { IMAGE_EXTENSIONS, isImage } from "../commands/imageTypes.js";

const MOST_SUGGESTED = 5;
/** Folders that never hold a user's own pictures. */
const SKIPPED = "**/node_modules/**";

/**
 * The picture that a language model names: by an absolute path or address, or relative to a folder of the workspace.
 * Nothing is read of it.
 * @throws DexarError `image-not-found` (naming similar ones), `image-is-remote`, `not-an-image`
 */
export async function findPicture(named: string): Promise<vscode.Uri> {
  const candidates = candidatesOf(named.trim());
  for (const candidate of candidates) {
    const found = await vscode.workspace.fs.stat(candidate).then(
      ({ type }) => type,
      () => null,
    );
    if (found === null) continue;
    if (!isImage(candidate) || (found & vscode.FileType.Directory) !== 0) throw noPicture(named);
    return candidate;
  }
  throw await notFound(named);
}

/** Whether a picture lies outside the folders that are open; links are followed. */
export async function isOutside(picture: vscode.Uri): Promise<boolean> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (picture.scheme !== "file")
    return !folders.some(({ uri }) => uri.scheme === picture.scheme && isBelow(picture.path, uri.path));
  const real = (file: string): Promise<string> => realpath(file).catch(() => file);
  const file = await real(picture.fsPath);
  const places = await Promise.all(
    folders.filter(({ uri }) => uri.scheme === "file").map(({ uri }) => real(uri.fsPath)),
  );
  return !places.some((place) => isBelow(file, place));
}

function isBelow(file: string, folder: string): boolean {
  const way = path.relative(folder, file);
  return way !== "" && !way.startsWith("..") && !path.isAbsolute(way);
}

function candidatesOf(named: string): vscode.Uri[] {
  if (path.isAbsolute(named)) return [vscode.Uri.file(named)];
  if (/^[a-z][a-z0-9+.-]+:/i.test(named)) {
    const address = vscode.Uri.parse(named);
    if (address.scheme === "http" || address.scheme === "https" || address.scheme === "data")
      throw isRemote(address.scheme);
    return [address];
  }
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.flatMap(({ uri, name }) => {
    const parts = named.split(/[/\\]/);
    const inside = vscode.Uri.joinPath(uri, ...parts);
    // In a workspace of several folders, paths are written with the folder's name in front.
    return parts[0] === name ? [inside, vscode.Uri.joinPath(uri, ...parts.slice(1))] : [inside];
  });
}

async function notFound(named: string): Promise<DexarError> {
  const base = path.posix.basename(named.trim().replaceAll("\\", "/"));
  const pattern = `**/${base.replace(/[^\p{L}\p{N}._ -]/gu, "?")}`;
  const similar = await vscode.workspace.findFiles(pattern, SKIPPED, MOST_SUGGESTED);
  const names = similar.filter(isImage).map((uri) => vscode.workspace.asRelativePath(uri));
  const open = (vscode.workspace.workspaceFolders ?? []).length > 0;
  return new DexarError(
    "image-not-found",
    `There is no picture ${named}.`,
    names.length > 0
      ? `Call again with one of: ${names.join(", ")}.`
      : open
        ? "Call again with the path of a picture that exists, absolute or relative to the workspace folder."
        : "No folder is open: call again with an absolute path.",
  );
}

function noPicture(named: string): DexarError {
  return new DexarError(
    "not-an-image",
    `${named} is not a picture.`,
    `Call again with a file that ends in ${IMAGE_EXTENSIONS.map((ending) => `.${ending}`).join(", ")}.`,
  );
}

function isRemote(scheme: string): DexarError {
  return new DexarError(
    "image-is-remote",
    `Pictures are not loaded from ${scheme}: addresses.`,
    "Save the picture on this machine first and call again with its path.",
  );
}
