import * as vscode from "vscode";
import type { GetServices } from "../commands/command.js";
import type { MachineModel } from "../models/machineModels.js";
import type { ModelLibrary } from "../services.js";
import { hubModelRow, type HubModelRow } from "./hubModelRows.js";

/** A heading of the Models view. */
type Group = "here" | "public";

/** What the Models view shows: headings, and models below them. */
export type ModelsNode = Group | HubModelRow;

/** The Models view: every model on this machine and public ones, with what can be done with each. */
export class ModelsView implements vscode.TreeDataProvider<ModelsNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly listeners: vscode.Disposable[] = [];

  constructor(private readonly services: GetServices) {}

  async getChildren(node?: ModelsNode): Promise<ModelsNode[]> {
    if (node === undefined) return ["here", "public"];
    if (typeof node !== "string") return [];
    const { library } = this.services();
    this.listen(library);
    const rows = (await library.list()).map((model) =>
      hubModelRow(model, { progress: library.progress(model.name), inUse: model.dir === library.usedFolder }),
    );
    return rows.filter(({ model }) => isPublic(model, library.progress(model.name)) === (node === "public"));
  }

  getTreeItem(node: ModelsNode): vscode.TreeItem {
    return typeof node === "string" ? groupItem(node) : modelItem(node);
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
    this.changed.dispose();
  }

  private listen(library: ModelLibrary): void {
    if (this.listeners.length > 0) return;
    const fire = (): void => this.changed.fire();
    const settings = vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("dexar")) fire();
    });
    this.listeners.push(library.onDidChange(fire), settings);
  }
}

/** Whether a model is on the hub only. */
function isPublic({ state }: MachineModel, progress: unknown): boolean {
  return state === "available" && progress === undefined;
}

function groupItem(group: Group): vscode.TreeItem {
  const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
  const item =
    group === "here"
      ? new vscode.TreeItem(vscode.l10n.t("On this machine"), Expanded)
      : new vscode.TreeItem(vscode.l10n.t("Public models"), Collapsed);
  item.id = group;
  item.contextValue = "dexarModelGroup";
  return item;
}

function modelItem({ model, value, detail, icon, abilities }: HubModelRow): vscode.TreeItem {
  const item = new vscode.TreeItem(model.name);
  item.id = `${model.state}:${model.dir ?? model.name}`;
  item.description = value;
  item.iconPath = new vscode.ThemeIcon(icon);
  item.contextValue = `dexarHubModel ${abilities.join(" ")}`;
  item.tooltip = [`${model.name}: ${value}`, detail].filter((text) => text !== "").join("\n");
  item.accessibilityInformation = { label: `${model.name}: ${value}` };
  return item;
}
