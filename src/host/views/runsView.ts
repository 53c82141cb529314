import * as vscode from "vscode";
import { readDigest } from "../../core/run/runDigest.js";
import type { GetServices } from "../commands/command.js";
import type { RunEntry } from "../services.js";
import { deltaSummary } from "./deltaSummary.js";
import { formatTime } from "./formatTime.js";
import { runTooltip } from "./runTooltip.js";

/** Larger run files are not read for a tooltip, where they have no digest. */
const MOST_BYTES_FOR_SUMMARY = 256 * 1024 * 1024;

/** The Runs view: every kept run, pinned ones first, then newest first. */
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
    const isPinned = ({ pinned }: RunEntry): boolean => pinned === true;
    return [...runs.entries.filter(isPinned), ...runs.entries.filter((run) => !isPinned(run))];
  }

  getTreeItem(entry: RunEntry): vscode.TreeItem {
    const { saved, pinned } = entry;
    const { image, prompt, time, partial } = saved.info;
    const item = new vscode.TreeItem(entry.name ?? image.name);
    item.id = entry.id;
    item.description = [prompt.text.trim(), formatTime(time, new Date())].join(" · ");
    item.iconPath = new vscode.ThemeIcon(pinned ? "pinned" : partial ? "debug-pause" : "file-media");
    item.contextValue = pinned ? "dexarRunPinned" : "dexarRun";
    const label = `${item.label as string}, ${item.description}`;
    item.accessibilityInformation = { label: pinned ? vscode.l10n.t("{0}, pinned", label) : label };
    item.command = {
      command: "dexar.runs.open",
      title: vscode.l10n.t("Open Run"),
      arguments: [entry.id],
    };
    return item;
  }

  /** Makes the tooltip when the pointer rests on an item: it reads the run's digest. */
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
    const isLarge = saved.digestPath === undefined && saved.bytes > MOST_BYTES_FOR_SUMMARY;
    const made = isLarge ? null : await this.readSummary(id);
    this.summaries.set(id, made);
    return made;
  }

  private async readSummary(id: string): Promise<string | null> {
    const { runs, model } = this.services();
    try {
      const { info, attribution } = readDigest(await runs.readDigest(id));
      return deltaSummary(info.tokens, [...attribution.tokenWeight]);
    } catch (error) {
      model.log.warn(`No summary of the run ${id}: ${String(error)}`);
      return null;
    }
  }
}
