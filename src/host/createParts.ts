import * as vscode from "vscode";
import { ModelProcessClient } from "../modelClient/client.js";
import { usedFolders } from "./commands/usedFolders.js";
import { Explainer } from "./explain/explainer.js";
import { Exporter } from "./export/exporter.js";
import { makeDrawPng } from "./export/figurePng.js";
import { ModelProcessHost, type ModelHostOptions } from "./modelHost/modelProcessHost.js";
import { ModelsOfMachine } from "./models/knownModels.js";
import { HubToken } from "./models/hubToken.js";
import { ModelsAndDownloads } from "./models/modelLibrary.js";
import { RunModels } from "./models/runModels.js";
import { RunPictures } from "./runs/runPictures.js";
import { followRenames } from "./runs/followRenames.js";
import { RunFolder } from "./runs/runFolder.js";
import { StoredRuns } from "./runs/storedRuns.js";
import type { RunStore } from "./services.js";
import { makeReadSettings } from "./settings/readSettings.js";

/** What all that is seen is made of: the model, the runs, and what is done with them. */
export type Parts = ReturnType<typeof createParts>;

/** Makes model, runs and what works with them; no process is started and no file read yet. */
export function createParts(context: vscode.ExtensionContext) {
  const { extensionUri, globalState } = context;
  const bundles = vscode.Uri.joinPath(extensionUri, "dist");
  const log = vscode.window.createOutputChannel("DEX-AR", { log: true });
  const readSettings = makeReadSettings(extensionUri, (message) => log.warn(message));
  const process: ModelHostOptions = {
    entry: vscode.Uri.joinPath(bundles, "modelProcess.js").fsPath,
    readSettings,
    startClient: (options) => ModelProcessClient.start(options),
    log,
  };
  const model = new ModelProcessHost(process);
  // Without an open folder there is no storage of the workspace.
  const storage = context.storageUri ?? context.globalStorageUri;
  const runs = new StoredRuns({
    folder: new RunFolder(vscode.Uri.joinPath(storage, "runs").fsPath),
    retention: () => {
      const { runsKept, runsKeptDays } = readSettings();
      return { keep: runsKept, keepDays: runsKeptDays };
    },
    log,
  });
  context.subscriptions.push(followRenames(runs, log));
  const pictures = new RunPictures(vscode.Uri.joinPath(storage, "pictures").fsPath);
  const places = {
    bundled: vscode.Uri.joinPath(extensionUri, "models").fsPath,
    readSettings,
    usedFolders: () => usedFolders(globalState),
  };
  const library = new ModelsAndDownloads({ ...places, token: new HubToken(context.secrets) });
  const models = new ModelsOfMachine({ ...places, hubModels: () => library.usable() });
  const runModels = new RunModels(models);
  runs.ready
    .then(() => pictures.removeUnused(runs.entries.map(({ image }) => image)))
    .catch((error: unknown) => log.warn(String(error)));
  const explain = new Explainer(model, runs, runModels);
  const figures = { settings: readSettings, drawPng: makeDrawPng(process) };
  const exporterOf = (source: Pick<RunStore, "ready" | "get" | "read">): Exporter =>
    new Exporter(source, bundles.fsPath, log, figures);
  return {
    log,
    readSettings,
    process,
    model,
    runs,
    pictures,
    models,
    library,
    runModels,
    explain,
    exporterOf,
  };
}
