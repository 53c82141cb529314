import * as vscode from "vscode";
import type { CommandTable } from "./command.js";
import { openCommandLine } from "./openCommandLine.js";
import { showGuide } from "./showGuide.js";

/** Guide, walkthrough and command line. */
export function helpCommands(context: vscode.ExtensionContext): CommandTable {
  return {
    "dexar.showGuide": () => showGuide(context.extensionUri),
    "dexar.openCommandLine": () => {
      context.subscriptions.push(openCommandLine(context.extensionUri));
    },
    "dexar.openWalkthrough": () =>
      vscode.commands.executeCommand(
        "workbench.action.openWalkthrough",
        `${context.extension.id}#start`,
        false,
      ),
  };
}
