import * as vscode from "vscode";
import { parseRunInfo } from "../../core/run/parseRunInfo.js";
import type { RunInfo } from "../../core/run/types.js";
import type { QuestionSource, RunEntry } from "../services.js";

/** What is written beside a run's file, so that a list of runs opens no run file (`<id>.json`). */
interface RunRecord {
  readonly version: 1;
  readonly name: string | null;
  /** Uri of the picture that was explained. */
  readonly image: string;
  /** Where run and picture are: in the store's folder, elsewhere when that was full. */
  readonly runPath: string;
  readonly picturePath: string;
  /** Absent in records of older versions, like what follows. */
  readonly digestPath?: string;
  /** Size of the run file. */
  readonly bytes: number;
  readonly info: RunInfo;
  readonly pinned?: boolean;
  /** Uris of further pictures in the same prompt. */
  readonly withImages?: readonly string[];
  readonly source?: { readonly uri: string; readonly version: number; readonly span: readonly number[] };
}

type Fields = Partial<Record<keyof RunRecord, unknown>>;

/** The record of a run as JSON. */
export function formatRecord({ name, image, withImages, saved, pinned, source }: RunEntry): string {
  const record: RunRecord = {
    version: 1,
    name,
    image: image.toString(),
    ...saved,
    ...(pinned === true && { pinned }),
    ...(withImages && { withImages: withImages.map(String) }),
    ...(source && { source: { ...source, uri: source.uri.toString() } }),
  };
  return JSON.stringify(record);
}

/**
 * Reads a record back.
 * @throws SyntaxError, TypeError or DexarError `run-file-damaged` when it is not one
 */
export function parseRecord(text: string, id: string): RunEntry {
  const record = JSON.parse(text) as Fields | null;
  if (record?.version !== 1) throw new TypeError("it is of another version");
  const { name, image, runPath, picturePath, digestPath, bytes, pinned } = record;
  if (!(name === null || typeof name === "string")) throw new TypeError("its name is not a text");
  if (typeof image !== "string") throw new TypeError("its image is not a text");
  if (typeof runPath !== "string" || typeof picturePath !== "string")
    throw new TypeError("it names no files");
  if (typeof bytes !== "number") throw new TypeError("its size is not a number");
  const digest = typeof digestPath === "string" ? { digestPath } : {};
  const saved = { info: parseRunInfo(record.info), runPath, picturePath, ...digest, bytes };
  const source = readSource(record.source);
  const withImages = readImages(record.withImages);
  return {
    id,
    name,
    saved,
    image: vscode.Uri.parse(image),
    ...(pinned === true && { pinned }),
    ...(withImages && { withImages }),
    ...(source && { source }),
  };
}

/** Uris as they were written; null for anything else. */
export function readImages(value: unknown): readonly vscode.Uri[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const uris = (value as readonly unknown[]).filter((uri) => typeof uri === "string");
  return uris.length === value.length ? uris.map((uri) => vscode.Uri.parse(uri)) : null;
}

/** A run is worth keeping without its source: one that cannot be read counts as none. */
function readSource(value: unknown): QuestionSource | null {
  if (typeof value !== "object" || value === null) return null;
  const { uri, version, span } = value as Record<string, unknown>;
  if (typeof uri !== "string" || typeof version !== "number" || !Array.isArray(span)) return null;
  const [from, to] = span as readonly unknown[];
  const right = isOffset(from) && isOffset(to) && from <= to;
  return right ? { uri: vscode.Uri.parse(uri), version, span: [from, to] } : null;
}

function isOffset(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
