import * as vscode from "vscode";

/** Opens a terminal with the `dexar` command typed in, for the user to complete and run. */
export function openCommandLine(extensionUri: vscode.Uri): vscode.Terminal {
  const cli = vscode.Uri.joinPath(extensionUri, "dist", "cli.js").fsPath;
  const terminal = vscode.window.createTerminal({ name: "DEX-AR" });
  terminal.show();
  terminal.sendText(`node "${cli}" explain `, false);
  return terminal;
}
