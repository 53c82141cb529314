import * as vscode from "vscode";
import { parseRunInfo } from "../../core/run/parseRunInfo.js";
import type { RunInfo } from "../../core/run/types.js";
import type { RunEntry } from "../services.js";

/** What is written beside a run's file, so that a list of runs opens no run file (`<id>.json`). */
interface RunRecord {
  readonly version: 1;
  readonly name: string | null;
  /** Uri of the picture that was explained. */
  readonly image: string;
  /** Where run and picture are: in the store's folder, elsewhere when that was full. */
  readonly runPath: string;
  readonly picturePath: string;
  /** Size of the run file. */
  readonly bytes: number;
  readonly info: RunInfo;
}

/** The record of a run as JSON. */
export function formatRecord({ name, image, saved }: RunEntry): string {
  const record: RunRecord = { version: 1, name, image: image.toString(), ...saved };
  return JSON.stringify(record);
}

/**
 * Reads a record back.
 * @throws SyntaxError, TypeError or DexarError `run-file-damaged` when it is not one
 */
export function parseRecord(text: string, id: string): RunEntry {
  const record = JSON.parse(text) as Partial<Record<keyof RunRecord, unknown>> | null;
  if (record?.version !== 1) throw new TypeError("it is of another version");
  const { name, image, runPath, picturePath, bytes } = record;
  if (!(name === null || typeof name === "string")) throw new TypeError("its name is not a text");
  if (typeof image !== "string") throw new TypeError("its image is not a text");
  if (typeof runPath !== "string" || typeof picturePath !== "string")
    throw new TypeError("it names no files");
  if (typeof bytes !== "number") throw new TypeError("its size is not a number");
  const saved = { info: parseRunInfo(record.info), runPath, picturePath, bytes };
  return { id, name, image: vscode.Uri.parse(image), saved };
}
