import * as vscode from "vscode";
import type { PanelPreferences } from "../protocol/panel.js";
import type { ComparePanels } from "./compare/comparePanels.js";
import { createPages } from "./createPages.js";
import { createParts } from "./createParts.js";
import type { GridRegistry } from "./grid/gridRegistry.js";
import { makeAskMachine } from "./machine/askMachine.js";
import { CellRunner } from "./notebook/cellRunner.js";
import type { PanelRegistry } from "./panel/panelRegistry.js";
import { PromptTint } from "./promptTint/promptTint.js";
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
  const parts = createParts(context);
  const { log, readSettings, model, runs, models, library, explain, exporterOf } = parts;
  const exporter = exporterOf(runs);
  const promptTint = new PromptTint({ runs, readSettings });
  const pages = createPages(context, parts, { exporter, promptTint });
  const { panels, grids, comparisons, runEditors } = pages;
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
    models,
    library,
    machine: makeAskMachine(parts.process),
    promptTint,
    ...pages,
    rerun: (id) => prepareRerun(id, { ...parts, panels }),
    continueRun: (id) => continueRun(id, { ...parts, panels }),
    exportRun: (id, format) => exporter.exportRun(id, format),
  };
}

function preferencesOf({ colourMap, opacity, smooth, paper }: HostSettings): PanelPreferences {
  return { colourMap, opacity, smooth, paper };
}
