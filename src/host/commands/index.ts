import * as vscode from "vscode";
import { showError } from "../errors/showError.js";
import { compareCommands } from "../compare/compareCommands.js";
import { notebookCommands } from "../notebook/notebookCommands.js";
import { BUNDLED_MODEL } from "../settings/readSettings.js";
import { promptCommands } from "../prompts/promptCommands.js";
import type { CommandHandler, GetServices } from "./command.js";
import { explainCommands } from "./explainCommands.js";
import { helpCommands } from "./helpCommands.js";
import { machineCommands } from "../machine/machineCommands.js";
import { libraryCommands } from "./libraryCommands.js";
import { modelCommands } from "./modelCommands.js";
import { runCommands } from "./runCommands.js";
import { tintCommands } from "./tintCommands.js";

/** Registers every command of package.json; failures are shown with what to do about them. */
export function registerCommands(context: vscode.ExtensionContext, services: GetServices): void {
  const table = {
    ...explainCommands(services, context.extensionUri),
    ...modelCommands(services, context),
    ...libraryCommands(services, vscode.Uri.joinPath(context.extensionUri, "models", BUNDLED_MODEL)),
    ...machineCommands(services, context),
    ...runCommands(services),
    ...compareCommands(services),
    ...promptCommands(services, context.extensionUri),
    ...tintCommands(services),
    ...notebookCommands(services, context.extensionUri),
    ...helpCommands(context),
  };
  for (const [id, handler] of Object.entries(table)) {
    context.subscriptions.push(vscode.commands.registerCommand(id, guarded(handler, services)));
  }
}

function guarded(handler: CommandHandler, services: GetServices): CommandHandler {
  return async (...args) => {
    try {
      await handler(...args);
    } catch (error) {
      // Not awaited: the message may stay for long, the command is over.
      void showError(error, services().model.log);
    }
  };
}
