import * as vscode from "vscode";

/** Opens the extension's own README, rendered: what this version can do and how. */
export async function showGuide(extensionUri: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand(
    "markdown.showPreview",
    vscode.Uri.joinPath(extensionUri, "README.md"),
  );
}
