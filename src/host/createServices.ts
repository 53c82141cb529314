import * as vscode from "vscode";
import { ModelProcessClient } from "../modelClient/client.js";
import { Explainer } from "./explain/explainer.js";
import { Exporter } from "./export/exporter.js";
import { ModelProcessHost } from "./modelHost/modelProcessHost.js";
import { PanelMemory } from "./panel/panelMemory.js";
import { PanelRegistry } from "./panel/panelRegistry.js";
import { RunFolder } from "./runs/runFolder.js";
import { StoredRuns } from "./runs/storedRuns.js";
import type { Services } from "./services.js";
import { makeReadSettings } from "./settings/readSettings.js";

/** The services, with what the editor itself asks of them. */
export interface EditorServices extends Services {
  readonly panels: PanelRegistry;
}

/** Makes everything that commands and views work with; no process is started and no file read yet. */
export function createServices(context: vscode.ExtensionContext): EditorServices {
  const { extensionUri } = context;
  const bundles = vscode.Uri.joinPath(extensionUri, "dist");
  const log = vscode.window.createOutputChannel("DEX-AR", { log: true });
  const readSettings = makeReadSettings(extensionUri, (message) => log.warn(message));
  const model = new ModelProcessHost({
    entry: vscode.Uri.joinPath(bundles, "modelProcess.js").fsPath,
    readSettings,
    startClient: (options) => ModelProcessClient.start(options),
    log,
  });
  // Without an open folder there is no storage of the workspace.
  const storage = context.storageUri ?? context.globalStorageUri;
  const runs = new StoredRuns({
    folder: new RunFolder(vscode.Uri.joinPath(storage, "runs").fsPath),
    keep: () => readSettings().runsKept,
    log,
  });
  const explain = new Explainer(model, runs);
  const exporter = new Exporter(runs, bundles.fsPath, log);
  const panels = new PanelRegistry({
    extensionUri,
    explain,
    runs,
    readSettings,
    log,
    model,
    modelStatus: () => model.status,
    exporter: (params) => exporter.exportPanel(params),
    memory: new PanelMemory(context.workspaceState),
  });
  const settings = vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration("dexar")) model.settingsChanged();
  });
  context.subscriptions.push(log, model, runs, panels, settings);
  return { model, explain, runs, panels, exportRun: (id, format) => exporter.exportRun(id, format) };
}
