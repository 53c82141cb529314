import * as vscode from "vscode";
import type { GetServices } from "../commands/command.js";
import { ModelView } from "./modelView.js";
import { ModelsView } from "./modelsView.js";
import { RunsView } from "./runsView.js";

/** Registers the views of the activity bar; they ask for the services when they are first shown. */
export function registerViews(
  context: Pick<vscode.ExtensionContext, "subscriptions">,
  services: GetServices,
): void {
  const model = new ModelView(services);
  const models = new ModelsView(services);
  const runs = new RunsView(services);
  context.subscriptions.push(
    model,
    runs,
    vscode.window.createTreeView("dexar.model", { treeDataProvider: model }),
    models,
    vscode.window.createTreeView("dexar.models", { treeDataProvider: models }),
    vscode.window.createTreeView("dexar.runs", { treeDataProvider: runs, canSelectMany: true }),
  );
}
