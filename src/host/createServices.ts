import * as vscode from "vscode";
import type { PanelPreferences } from "../protocol/panel.js";
import { ComparePanels } from "./compare/comparePanels.js";
import { createParts } from "./createParts.js";
import { GridMemory } from "./grid/gridMemory.js";
import { GridRegistry } from "./grid/gridRegistry.js";
import { makeAskMachine } from "./machine/askMachine.js";
import { CellRunner } from "./notebook/cellRunner.js";
import { PanelMemory } from "./panel/panelMemory.js";
import { PanelRegistry } from "./panel/panelRegistry.js";
import { PromptTint } from "./promptTint/promptTint.js";
import { createRunEditors } from "./runEditor/createRunEditors.js";
import type { RunEditorProvider } from "./runEditor/runEditorProvider.js";
import { continueRun, prepareRerun } from "./runs/rerun.js";
import type { Services } from "./services.js";
import type { HostSettings, ReadSettings } from "./settings/hostSettings.js";

/** The services, with what the editor itself asks of them. */
export interface EditorServices extends Services {
  readonly readSettings: ReadSettings;
  /** The user's settings for pages that show a run. */
  preferences(): PanelPreferences;
  readonly panels: PanelRegistry;
  /** Runs the cells of notebooks. */
  readonly cells: CellRunner;
  readonly grids: GridRegistry;
  readonly comparisons: ComparePanels;
  readonly runEditors: RunEditorProvider;
}

/** Makes everything that commands and views work with; no process is started and no file read yet. */
export function createServices(context: vscode.ExtensionContext): EditorServices {
  const { extensionUri } = context;
  const parts = createParts(context);
  const { log, readSettings, model, runs, models, library, explain, exporterOf } = parts;
  const exporter = exporterOf(runs);
  const promptTint = new PromptTint({ runs, readSettings });
  const panels = new PanelRegistry({
    promptTint,
    extensionUri,
    explain,
    runs,
    models,
    readSettings,
    log,
    model,
    modelStatus: () => model.status,
    exporter: (params) => exporter.exportPanel(params),
    memory: new PanelMemory(context.workspaceState),
  });
  const grids = new GridRegistry({
    extensionUri,
    explain,
    runs,
    models,
    panels,
    readSettings,
    log,
    memory: new GridMemory(context.workspaceState),
  });
  const comparisons = new ComparePanels({ extensionUri, runs, panels, readSettings, log });
  const runEditors = createRunEditors({ ...parts, extensionUri, panels });
  const settings = vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration("dexar")) model.settingsChanged();
  });
  context.subscriptions.push(
    log,
    model,
    library,
    runs,
    panels,
    grids,
    comparisons,
    promptTint,
    runEditors,
    settings,
  );
  const cells = new CellRunner({ explain, runs, models, promptTint, readSettings, log });
  return {
    cells,
    readSettings,
    preferences: () => preferencesOf(readSettings()),
    model,
    explain,
    runs,
    panels,
    models,
    library,
    machine: makeAskMachine(parts.process),
    promptTint,
    grids,
    comparisons,
    runEditors,
    rerun: (id) => prepareRerun(id, { ...parts, panels }),
    continueRun: (id) => continueRun(id, { ...parts, panels }),
    exportRun: (id, format) => exporter.exportRun(id, format),
  };
}

function preferencesOf({ colourMap, opacity, smooth, paper }: HostSettings): PanelPreferences {
  return { colourMap, opacity, smooth, paper };
}
