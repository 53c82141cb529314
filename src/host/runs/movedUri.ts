import type * as vscode from "vscode";

/** Where a file is after it, or a folder around it, went from one address to another; null when that is not about it. */
export function movedUri(uri: vscode.Uri, from: vscode.Uri, to: vscode.Uri): vscode.Uri | null {
  if (uri.toString() === from.toString()) return to;
  const isInside = uri.scheme === from.scheme && uri.path.startsWith(`${from.path}/`);
  return isInside ? uri.with({ path: to.path + uri.path.slice(from.path.length) }) : null;
}
