import * as vscode from "vscode";
import { openCommandLine } from "./commands/openCommandLine.js";
import { showGuide } from "./commands/showGuide.js";

/** Called by VS Code when the first command of the extension is used: wires commands, nothing else. */
export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(
    vscode.commands.registerCommand("dexar.showGuide", () => showGuide(context.extensionUri)),
    vscode.commands.registerCommand("dexar.openCommandLine", () => {
      context.subscriptions.push(openCommandLine(context.extensionUri));
    }),
  );
}
