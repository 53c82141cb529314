import type * as vscode from "vscode";

/** Endings of the files that can be explained, in lower case; the menus of package.json show the command on the same. */
export const IMAGE_EXTENSIONS: readonly string[] = [
  "png",
  "jpg",
  "jpeg",
  "webp",
  "gif",
  "bmp",
  "tif",
  "tiff",
  "avif",
  "svg",
];

/** Whether a file's name ends as a picture's. */
export function isImage({ path }: Pick<vscode.Uri, "path">): boolean {
  const extension = /\.([^./]+)$/.exec(path)?.[1] ?? "";
  return IMAGE_EXTENSIONS.includes(extension.toLowerCase());
}
