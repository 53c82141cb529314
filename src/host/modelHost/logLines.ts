import type * as vscode from "vscode";

/** Writes what the model process said to the log, a line each. */
export function logLines(chunk: string, log: Pick<vscode.LogOutputChannel, "info">): void {
  for (const line of chunk.split(/\r?\n/)) if (line.trim() !== "") log.info(`[model process] ${line}`);
}
