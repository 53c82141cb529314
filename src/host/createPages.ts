import type * as vscode from "vscode";
import { ComparePanels } from "./compare/comparePanels.js";
import type { Parts } from "./createParts.js";
import type { Exporter } from "./export/exporter.js";
import { GridMemory } from "./grid/gridMemory.js";
import { GridRegistry } from "./grid/gridRegistry.js";
import { PanelMemory } from "./panel/panelMemory.js";
import { PanelRegistry } from "./panel/panelRegistry.js";
import type { PromptTint } from "./promptTint/promptTint.js";
import { createRunEditors } from "./runEditor/createRunEditors.js";

/** What pages need beside the parts. */
export interface PageNeeds {
  readonly exporter: Exporter;
  readonly promptTint: PromptTint;
}

/** Makes what shows pages in the editor area: panels, results of several pictures, comparisons, run files. */
export function createPages(
  { extensionUri, workspaceState }: Pick<vscode.ExtensionContext, "extensionUri" | "workspaceState">,
  parts: Parts,
  { exporter, promptTint }: PageNeeds,
) {
  const { log, readSettings, model, runs, models, explain } = parts;
  const shared = { extensionUri, explain, runs, models, readSettings, log };
  const panels = new PanelRegistry({
    ...shared,
    promptTint,
    model,
    modelStatus: () => model.status,
    exporter: (params) => exporter.exportPanel(params),
    memory: new PanelMemory(workspaceState),
  });
  const grids = new GridRegistry({ ...shared, panels, memory: new GridMemory(workspaceState) });
  const comparisons = new ComparePanels({ extensionUri, runs, panels, readSettings, log });
  return { panels, grids, comparisons, runEditors: createRunEditors({ ...parts, extensionUri, panels }) };
}
