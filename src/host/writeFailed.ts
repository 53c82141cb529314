import * as vscode from "vscode";
import { DexarError } from "../core/errors.js";

/** `output-write-failed`: why a file could not be saved, from the error of Node or of the editor's file system. */
export function writeFailed(name: string, cause: unknown): DexarError {
  const [message, nextStep] = describe(name, errorCode(cause), cause);
  return new DexarError("output-write-failed", message, nextStep, { cause });
}

function describe(name: string, code: string, cause: unknown): readonly [message: string, nextStep: string] {
  const elsewhere = vscode.l10n.t("Save it in another place.");
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return [
        vscode.l10n.t("{0} was not saved: the disk is full.", name),
        vscode.l10n.t("Free some space, or save it in another place."),
      ];
    case "EROFS":
      return [vscode.l10n.t("{0} was not saved: that place can only be read.", name), elsewhere];
    case "EACCES":
    case "EPERM":
    case "NoPermissions":
      return [vscode.l10n.t("{0} was not saved: you may not write there.", name), elsewhere];
    case "ENOENT":
    case "ENOTDIR":
    case "FileNotFound":
    case "FileNotADirectory":
      return [vscode.l10n.t("{0} was not saved: the folder is gone.", name), elsewhere];
    case "EISDIR":
    case "FileIsADirectory":
      return [
        vscode.l10n.t("{0} was not saved: a folder has that name.", name),
        vscode.l10n.t("Choose another name."),
      ];
    default:
      return [
        vscode.l10n.t(
          "{0} was not saved: {1}.",
          name,
          cause instanceof Error ? cause.message : String(cause),
        ),
        elsewhere,
      ];
  }
}

/** The code of an error of Node or of `vscode.FileSystemError`. */
function errorCode(cause: unknown): string {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : "";
  return typeof code === "string" ? code : "";
}
