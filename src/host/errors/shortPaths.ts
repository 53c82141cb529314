import os from "node:os";
import path from "node:path";
import * as vscode from "vscode";

/**
 * A message with the paths in it as people write them: from the workspace's folder on (with its name where there are
 * several), else from `~` on.
 */
export function shortPaths(message: string): string {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
  const starts: (readonly [start: string, short: string])[] = [
    ...folders.map(({ uri, name }) => [uri.fsPath, folders.length > 1 ? `${name}${path.sep}` : ""] as const),
    [os.homedir(), `~${path.sep}`],
  ];
  // The longest first: a folder may lie in another.
  const known = starts.filter(([start]) => path.dirname(start) !== start);
  known.sort(([a], [b]) => b.length - a.length);
  return known.reduce((text, [start, short]) => text.replace(pathsIn(start), short), message);
}

/** The beginning of each path that leads into the folder; not where a longer path ends in the same words. */
function pathsIn(folder: string): RegExp {
  const plain = `${folder}${path.sep}`.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}._~\\/\\\\-])${plain}`, "gu");
}
