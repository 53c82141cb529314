import * as vscode from "vscode";
import type { GetServices } from "../commands/command.js";
import type { RunEntry } from "../services.js";
import { deltaSummary } from "./deltaSummary.js";
import { formatTime } from "./formatTime.js";
import { runTooltip } from "./runTooltip.js";
import { tokenWeights } from "./tokenWeights.js";

/** Larger run files are not read for a tooltip. */
const MOST_BYTES_FOR_SUMMARY = 256 * 1024 * 1024;

/** The Runs view: every kept run, newest first. */
export class RunsView implements vscode.TreeDataProvider<RunEntry>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private listener: vscode.Disposable | undefined;
  private readonly summaries = new Map<string, string | null>();

  constructor(private readonly services: GetServices) {}

  async getChildren(entry?: RunEntry): Promise<RunEntry[]> {
    if (entry !== undefined) return [];
    const { runs } = this.services();
    this.listener ??= runs.onDidChange(() => this.changed.fire());
    await runs.ready;
    return [...runs.entries];
  }

  getTreeItem(entry: RunEntry): vscode.TreeItem {
    const { image, prompt, time, partial } = entry.saved.info;
    const item = new vscode.TreeItem(entry.name ?? image.name);
    item.id = entry.id;
    item.description = [prompt.text.trim(), formatTime(time, new Date())].join(" · ");
    item.iconPath = new vscode.ThemeIcon(partial ? "debug-pause" : "file-media");
    item.contextValue = "dexarRun";
    item.accessibilityInformation = { label: `${item.label as string}, ${item.description}` };
    item.command = {
      command: "dexar.runs.open",
      title: vscode.l10n.t("Open Run"),
      arguments: [entry.id],
    };
    return item;
  }

  /** Makes the tooltip when the pointer rests on an item: it reads the run's file. */
  async resolveTreeItem(item: vscode.TreeItem, entry: RunEntry): Promise<vscode.TreeItem> {
    item.tooltip = runTooltip(entry, await this.summary(entry));
    return item;
  }

  dispose(): void {
    this.listener?.dispose();
    this.changed.dispose();
  }

  private async summary({ id, saved }: RunEntry): Promise<string | null> {
    const known = this.summaries.get(id);
    if (known !== undefined) return known;
    const made = saved.bytes > MOST_BYTES_FOR_SUMMARY ? null : await this.readSummary(id);
    this.summaries.set(id, made);
    return made;
  }

  private async readSummary(id: string): Promise<string | null> {
    const { runs, model } = this.services();
    try {
      const entry = runs.get(id);
      const weights = await tokenWeights((await runs.read(id)).file);
      return entry && weights ? deltaSummary(entry.saved.info.tokens, weights) : null;
    } catch (error) {
      model.log.warn(`No summary of the run ${id}: ${String(error)}`);
      return null;
    }
  }
}
