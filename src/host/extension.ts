import * as vscode from "vscode";
import { registerCommands } from "./commands/index.js";
import { createServices, type EditorServices } from "./createServices.js";
import { PANEL_TYPE } from "./panel/panelRegistry.js";
import { registerStatusBar } from "./statusBar/index.js";
import { registerViews } from "./views/index.js";

let made: EditorServices | null = null;

/** Called by VS Code when something of the extension is first used: registers, and makes nothing before it is asked for. */
export function activate(context: vscode.ExtensionContext): void {
  const services = (): EditorServices => (made ??= firstServices(context));
  registerCommands(context, services);
  registerViews(context, services);
  context.subscriptions.push(
    vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, {
      deserializeWebviewPanel: (panel, state: unknown) => services().panels.restore(panel, state),
    }),
  );
}

/** Called by VS Code before it ends: cancels open work and ends the model process. */
export async function deactivate(): Promise<void> {
  await made?.model.stop();
  made = null;
}

function firstServices(context: vscode.ExtensionContext): EditorServices {
  const services = createServices(context);
  registerStatusBar(context, services);
  return services;
}
