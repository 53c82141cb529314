import * as vscode from "vscode";
import { ExplainImageTool } from "./explainImageTool.js";
import { ListRunsTool } from "./listRunsTool.js";
import type { GetToolServices } from "./toolServices.js";

/** Registers the tools for language models that package.json declares; editors without such tools go without. */
export function registerTools(context: vscode.ExtensionContext, services: GetToolServices): void {
  // Editors that are built on VS Code may lack it, whatever the types say.
  const { lm } = vscode as { lm?: Partial<typeof vscode.lm> };
  if (typeof lm?.registerTool !== "function") return;
  context.subscriptions.push(
    lm.registerTool("explain_image", new ExplainImageTool(services)),
    lm.registerTool("list_runs", new ListRunsTool(services)),
  );
}
