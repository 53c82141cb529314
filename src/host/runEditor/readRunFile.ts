import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { readRunHeader } from "../../core/run/readRun.js";
import type { Run } from "../../core/run/types.js";
import { plainBytes } from "../plainBytes.js";

/** Larger files are refused: file and unpacked arrays are in memory together. */
const MOST_BYTES = 1024 * 2 ** 20;

/** A run file that was read: its bytes, and what is taken from them here. */
export interface RunFile extends Pick<Run, "info" | "image"> {
  readonly bytes: Uint8Array;
}

/** What tells one version of a file from another. */
export interface FileStamp {
  readonly size: number;
  readonly mtime: number;
}

/**
 * Size and time of a run file.
 * @throws DexarError `run-not-found`, `run-not-readable`
 */
export async function stampOf(uri: vscode.Uri): Promise<FileStamp> {
  try {
    const { size, mtime } = await vscode.workspace.fs.stat(uri);
    return { size, mtime };
  } catch (error) {
    throw isNotFound(error) ? notFound(uri) : notReadable(uri, error);
  }
}

/**
 * Reads a run file; its arrays are left to the page.
 * @throws DexarError `run-not-found`, `run-not-readable`, `run-file-empty`, `run-file-too-large`, and those of `readRun`
 */
export async function readRunFile(uri: vscode.Uri): Promise<RunFile> {
  const { size } = await stampOf(uri);
  if (size === 0) throw emptyFile(uri);
  if (size > MOST_BYTES) throw tooLarge(uri, size);
  const bytes = await read(uri);
  return { bytes, ...(await readRunHeader(bytes)) };
}

async function read(uri: vscode.Uri): Promise<Uint8Array> {
  try {
    return plainBytes(await vscode.workspace.fs.readFile(uri));
  } catch (error) {
    throw isNotFound(error) ? notFound(uri) : notReadable(uri, error);
  }
}

function isNotFound(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
  return code === "FileNotFound" || code === "ENOENT";
}

function shownPlace(uri: vscode.Uri): string {
  return uri.scheme === "file" ? uri.fsPath : uri.toString(true);
}

function notFound(uri: vscode.Uri): DexarError {
  return new DexarError(
    "run-not-found",
    vscode.l10n.t("There is no run file {0}. It was moved or deleted.", shownPlace(uri)),
    vscode.l10n.t("Put it back or open another one; this editor follows by itself."),
  );
}

function notReadable(uri: vscode.Uri, cause: unknown): DexarError {
  return new DexarError(
    "run-not-readable",
    vscode.l10n.t(
      "The run file {0} cannot be read: {1}.",
      shownPlace(uri),
      cause instanceof Error ? cause.message : String(cause),
    ),
    vscode.l10n.t("Check that it may be read, then open it again."),
    { cause },
  );
}

function emptyFile(uri: vscode.Uri): DexarError {
  return new DexarError(
    "run-file-empty",
    vscode.l10n.t("The run file {0} is empty: it has 0 bytes.", shownPlace(uri)),
    vscode.l10n.t("Take another copy of the file, or explain the picture again."),
  );
}

function tooLarge(uri: vscode.Uri, bytes: number): DexarError {
  return new DexarError(
    "run-file-too-large",
    vscode.l10n.t(
      "The run file {0} has {1} MB; at most {2} MB are opened here.",
      shownPlace(uri),
      Math.ceil(bytes / 2 ** 20),
      MOST_BYTES / 2 ** 20,
    ),
    vscode.l10n.t("Explain fewer tokens, or leave the gradient out (dexar explain --no-gradient)."),
  );
}
