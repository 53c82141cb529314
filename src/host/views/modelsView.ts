import * as vscode from "vscode";
import type { GetServices } from "../commands/command.js";
import type { MachineModel } from "../models/machineModels.js";
import type { ModelLibrary } from "../services.js";
import { hubModelRow } from "./hubModelRows.js";

/** A heading of the Models view. */
type Group = "here" | "public";

/** A model's line. It stays the same object while the model goes from state to state, so that open menus stay its own. */
export interface ModelNode {
  readonly id: string;
  model: MachineModel;
}

/** What the Models view shows: headings, and models below them. */
export type ModelsNode = Group | ModelNode;

/** The Models view: every model on this machine and public ones, with what can be done with each. */
export class ModelsView implements vscode.TreeDataProvider<ModelsNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<ModelsNode | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly listeners: vscode.Disposable[] = [];
  private readonly nodes = new Map<string, ModelNode>();

  constructor(private readonly services: GetServices) {}

  async getChildren(node?: ModelsNode): Promise<ModelsNode[]> {
    if (node === undefined) return ["here", "public"];
    if (typeof node !== "string") return [];
    const { library } = this.services();
    this.listen(library);
    const models = (await library.list()).filter((model) => isPublic(model, library) === (node === "public"));
    return models.map((model) => this.nodeOf(model));
  }

  getTreeItem(node: ModelsNode): vscode.TreeItem {
    return typeof node === "string" ? groupItem(node) : modelItem(node, this.services().library);
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
    this.changed.dispose();
  }

  private nodeOf(model: MachineModel): ModelNode {
    const id =
      model.state === "bundled" || model.state === "folder" ? `folder:${model.dir ?? ""}` : model.name;
    const node = this.nodes.get(id) ?? { id, model };
    node.model = model;
    this.nodes.set(id, node);
    return node;
  }

  private listen(library: ModelLibrary): void {
    if (this.listeners.length > 0) return;
    const settings = vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("dexar")) this.changed.fire(undefined);
    });
    this.listeners.push(
      library.onDidChange(() => this.changed.fire(undefined)),
      library.onDidProgress((name) => this.changed.fire(this.nodes.get(name))),
      settings,
    );
  }
}

/** Whether a model is on the hub only. */
function isPublic({ state, name }: MachineModel, library: ModelLibrary): boolean {
  return state === "available" && library.progress(name) === undefined;
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

function modelItem({ id, model }: ModelNode, library: ModelLibrary): vscode.TreeItem {
  const facts = { progress: library.progress(model.name), inUse: model.dir === library.usedFolder };
  const { label, value, detail, icon, abilities } = hubModelRow(model, facts);
  const item = new vscode.TreeItem(label);
  item.id = id;
  item.description = value;
  item.iconPath = new vscode.ThemeIcon(icon);
  item.contextValue = `dexarHubModel ${abilities.join(" ")}`;
  item.tooltip = [`${model.name}: ${value}`, detail].filter((text) => text !== "").join("\n");
  item.accessibilityInformation = { label: `${model.name}: ${value}` };
  return item;
}
