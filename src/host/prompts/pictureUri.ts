import os from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import type { PromptFile } from "../../core/prompts/types.js";

/**
 * The picture that a path of a prompt file means; whether there is one is not looked at.
 * @param base folder of relative paths; null: there is none
 * @throws DexarError `image-is-remote`, `image-path-relative`
 */
export function pictureUri(written: string, base: vscode.Uri | null): vscode.Uri {
  if (/^file:\/\//i.test(written)) return vscode.Uri.parse(written);
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(written)) throw isRemote(written);
  if (/^~[/\\]/.test(written)) return vscode.Uri.file(path.join(os.homedir(), written.slice(1)));
  if (path.isAbsolute(written)) return absolute(written, base);
  if (base === null) throw noBase(written);
  // On other systems a backslash is part of a name.
  const parts = path.sep === "\\" ? written.replaceAll("\\", "/") : written;
  return vscode.Uri.joinPath(base, parts);
}

/** The pictures that a prompt file names; paths that lead nowhere are left out. */
export function namedPictures({ fields }: PromptFile, base: vscode.Uri | null): readonly vscode.Uri[] {
  return (fields.images?.value ?? []).flatMap((written) => {
    try {
      return [pictureUri(written, base)];
    } catch {
      return [];
    }
  });
}

/** An absolute path of a virtual workspace's file is one of that workspace. */
function absolute(written: string, base: vscode.Uri | null): vscode.Uri {
  return base === null || base.scheme === "file" ? vscode.Uri.file(written) : base.with({ path: written });
}

function isRemote(address: string): DexarError {
  return new DexarError(
    "image-is-remote",
    vscode.l10n.t("The picture {0} is not on this machine; nothing is downloaded.", address),
    vscode.l10n.t("Save the picture beside the file and write its path."),
  );
}

function noBase(written: string): DexarError {
  return new DexarError(
    "image-path-relative",
    vscode.l10n.t("The path {0} is relative, and this file has no folder yet.", written),
    vscode.l10n.t("Save the file first, or write an absolute path."),
  );
}
