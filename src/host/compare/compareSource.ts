import path from "node:path";
import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import type { TokenChoice } from "../../core/compare/side.js";
import type { Both, ComparedFile, CompareSource, CompareViewState } from "../../protocol/compare.js";
import { readRunFile } from "../runEditor/readRunFile.js";
import { runMissing } from "../runs/runMissing.js";
import { typedPicture } from "../runs/typedPicture.js";
import { runTitle, type RunStore } from "../services.js";

/** What comparisons read runs from. */
export type ComparedRuns = Pick<RunStore, "ready" | "get" | "read">;

/**
 * A side as the page gets it.
 * @throws DexarError `run-missing`, `run-not-found`, and others of reading a run, with the file's name
 */
export async function readSource(source: CompareSource, runs: ComparedRuns): Promise<ComparedFile> {
  if (source.kind === "run") {
    await runs.ready;
    const entry = runs.get(source.id);
    if (!entry) throw runMissing();
    const { file, picture } = await runs.read(source.id);
    return { name: runTitle(entry), file, picture };
  }
  const uri = vscode.Uri.parse(source.uri);
  const name = path.posix.basename(uri.path);
  const { bytes, image } = await readRunFile(uri).catch((error: unknown) => {
    throw named(error, name);
  });
  return { name, file: bytes, picture: typedPicture(image) };
}

/** With two files a message must say which one it is about. */
function named(error: unknown, name: string): unknown {
  if (!(error instanceof DexarError) || error.message.includes(name)) return error;
  return new DexarError(error.code, `${name}: ${error.message}`, error.nextStep, { cause: error });
}

/** A short name for a panel's title. */
export function sourceName(source: CompareSource, runs: Pick<RunStore, "get">): string {
  if (source.kind === "file") return path.posix.basename(vscode.Uri.parse(source.uri).path);
  const entry = runs.get(source.id);
  return entry?.name ?? entry?.saved.info.image.name ?? vscode.l10n.t("run");
}

/** The sources that a page has kept; null when they are not right. */
export function readKeptSources(state: unknown): Both<CompareSource> | null {
  if (typeof state !== "object" || state === null) return null;
  const { version, sources } = state as Partial<Record<keyof CompareViewState, unknown>>;
  if (version !== 1 || !Array.isArray(sources) || sources.length !== 2) return null;
  const [a, b] = sources.map(readKeptSource);
  return a && b ? [a, b] : null;
}

/** A source from outside the program (a page, a command's arguments); null when it is none. */
export function readKeptSource(kept: unknown): CompareSource | null {
  if (typeof kept !== "object" || kept === null) return null;
  const { kind, id, uri } = kept as Record<string, unknown>;
  if (kind === "run" && typeof id === "string") return { kind, id };
  return kind === "file" && typeof uri === "string" ? { kind, uri } : null;
}

/** True when both sides are the same run. */
export function isSame([a, b]: Both<CompareSource>): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Whole answers: what a comparison starts with. */
export const WHOLE_ANSWERS: Both<TokenChoice> = [null, null];
