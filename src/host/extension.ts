import * as vscode from "vscode";
import { registerCommands } from "./commands/index.js";
import { COMPARE_TYPE } from "./compare/comparePanels.js";
import { createServices, type EditorServices } from "./createServices.js";
import { GRID_TYPE } from "./grid/gridRegistry.js";
import { registerNotebook } from "./notebook/index.js";
import { answerRunOutputs } from "./notebook/rendererMessages.js";
import { PANEL_TYPE } from "./panel/panelRegistry.js";
import { registerPrompts } from "./prompts/index.js";
import type { RunDocument } from "./runEditor/runDocument.js";
import { RUN_EDITOR_TYPE } from "./runEditor/runEditorProvider.js";
import { registerStatusBar } from "./statusBar/index.js";
import { registerTools } from "./tools/index.js";
import { registerViews } from "./views/index.js";

let made: EditorServices | null = null;

/** Called by VS Code when something of the extension is first used: registers, and makes nothing before it is asked for. */
export function activate(context: vscode.ExtensionContext): void {
  const services = (): EditorServices => (made ??= firstServices(context));
  registerCommands(context, services);
  registerViews(context, services);
  registerTools(context, services);
  registerPrompts(context, services);
  registerNotebook(context, () => services().cells);
  context.subscriptions.push(
    answerRunOutputs(services),
    vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, {
      deserializeWebviewPanel: (panel, state: unknown) => services().panels.restore(panel, state),
    }),
    vscode.window.registerWebviewPanelSerializer(GRID_TYPE, {
      deserializeWebviewPanel: (panel, state: unknown) => services().grids.restore(panel, state),
    }),
    vscode.window.registerWebviewPanelSerializer(COMPARE_TYPE, {
      deserializeWebviewPanel: (panel, state: unknown) => services().comparisons.restore(panel, state),
    }),
    vscode.window.registerCustomEditorProvider(
      RUN_EDITOR_TYPE,
      {
        openCustomDocument: (uri) => services().runEditors.openCustomDocument(uri),
        resolveCustomEditor: (document: RunDocument, panel) =>
          services().runEditors.resolveCustomEditor(document, panel),
      },
      { supportsMultipleEditorsPerDocument: true },
    ),
  );
}

/** Called by VS Code before it ends: cancels open work, pauses downloads and ends the model process. */
export async function deactivate(): Promise<void> {
  await Promise.all([made?.library.pauseAll(), made?.model.stop()]);
  made = null;
}

function firstServices(context: vscode.ExtensionContext): EditorServices {
  const services = createServices(context);
  registerStatusBar(context, services);
  return services;
}
