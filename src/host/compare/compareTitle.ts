import path from "node:path";
import * as vscode from "vscode";
import type { RunInfo } from "../../core/run/types.js";
import type { Both, CompareSource } from "../../protocol/compare.js";
import type { RunStore } from "../services.js";
import { formatTime } from "../views/formatTime.js";
import { isSame, sourceName } from "./compareSource.js";

/** A question in a title is cut to so many characters. */
const MOST_LETTERS = 24;

/** The title of a comparison's panel: both names, and where they are the same what tells the runs apart. */
export function compareTitle(sources: Both<CompareSource>, runs: Pick<RunStore, "get">): string {
  const [a, b] = sources;
  const names = [sourceName(a, runs), sourceName(b, runs)] as const;
  if (names[0] !== names[1]) return names.join(" ↔ ");
  if (isSame(sources)) return vscode.l10n.t("{0} with itself", names[0]);
  const marks = difference(sources, runs);
  return marks === null ? names.join(" ↔ ") : `${names[0]}: ${marks.join(" ↔ ")}`;
}

/** What each side has of the first that differs; null when nothing short does. */
function difference([a, b]: Both<CompareSource>, runs: Pick<RunStore, "get">): Both<string> | null {
  if (a.kind === "file" && b.kind === "file") return firstDifference(FOLDERS, a.uri, b.uri);
  if (a.kind === "file" || b.kind === "file") return null;
  const [one, two] = [runs.get(a.id)?.saved.info, runs.get(b.id)?.saved.info];
  return one && two ? firstDifference(FACTS, one, two) : null;
}

const FOLDERS: readonly ((address: string) => string)[] = [
  (address) => path.posix.basename(path.posix.dirname(vscode.Uri.parse(address).path)),
  (address) => vscode.workspace.asRelativePath(vscode.Uri.joinPath(vscode.Uri.parse(address), "..")),
];

const FACTS: readonly ((info: RunInfo) => string)[] = [
  ({ prompt }) => shortened(prompt.text),
  ({ model }) => model.name,
  ({ model }) => model.dtype,
  ({ time }) => formatTime(time, new Date()),
  ({ time }) => new Intl.DateTimeFormat(vscode.env.language, { timeStyle: "medium" }).format(new Date(time)),
];

function firstDifference<T>(ways: readonly ((of: T) => string)[], a: T, b: T): Both<string> | null {
  const way = ways.find((tell) => tell(a) !== tell(b));
  return way ? [way(a), way(b)] : null;
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > MOST_LETTERS ? `${line.slice(0, MOST_LETTERS).trimEnd()}…` : line;
}
