import * as vscode from "vscode";
import type { GetServices } from "../commands/command.js";
import { modelRows, type ModelRow } from "./modelRows.js";

/** The Model view: state, device, weights and memory of the model process. */
export class ModelView implements vscode.TreeDataProvider<ModelRow>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private listener: vscode.Disposable | undefined;

  constructor(private readonly services: GetServices) {}

  getChildren(row?: ModelRow): ModelRow[] {
    if (row !== undefined) return [];
    const { model } = this.services();
    this.listener ??= model.onDidChangeStatus(() => this.changed.fire());
    return modelRows(model.status);
  }

  getTreeItem(row: ModelRow): vscode.TreeItem {
    const item = new vscode.TreeItem(row.label);
    item.id = row.id;
    item.description = row.value;
    item.iconPath = new vscode.ThemeIcon(row.icon);
    item.contextValue = row.context;
    const whole = [`${row.label}: ${row.value}`, ...(row.detail === undefined ? [] : [row.detail])].join(
      "\n",
    );
    item.tooltip = whole;
    item.accessibilityInformation = { label: whole };
    return item;
  }

  dispose(): void {
    this.listener?.dispose();
    this.changed.dispose();
  }
}
