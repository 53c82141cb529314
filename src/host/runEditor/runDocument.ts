import path from "node:path";
import * as vscode from "vscode";
import type { RunInfo } from "../../core/run/types.js";
import { readRunFile, stampOf, type FileStamp, type RunFile } from "./readRunFile.js";

/** What happened to the file of an open document. */
export type FileChange = "changed" | "deleted";

/** A file is written in several steps, which are told one by one. */
const SETTLE_MS = 250;

/** A run file that editors show. Keeps no bytes: each page that opens gets them from the file. */
export class RunDocument implements vscode.CustomDocument {
  /** What the last reading found; null before the first one, and when it failed. */
  info: RunInfo | null = null;
  /** How often the file was seen to have changed. */
  changes = 0;
  private readonly fileChanged = new vscode.EventEmitter<FileChange>();
  readonly onDidChangeFile = this.fileChanged.event;
  private readonly watcher: vscode.FileSystemWatcher;
  private stamp: FileStamp | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(readonly uri: vscode.Uri) {
    // All run files of the folder: a name may hold what a pattern takes for a wildcard.
    const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, ".."), "*");
    this.watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const touched = (changed: vscode.Uri): void => {
      if (changed.toString() === uri.toString()) this.settle();
    };
    this.watcher.onDidCreate(touched);
    this.watcher.onDidChange(touched);
    this.watcher.onDidDelete(touched);
  }

  /** Name of the file without its folder. */
  get name(): string {
    return path.posix.basename(this.uri.path);
  }

  /**
   * Reads the file as it is now.
   * @throws DexarError those of `readRunFile`
   */
  async read(): Promise<RunFile> {
    try {
      this.stamp = await stampOf(this.uri);
      const file = await readRunFile(this.uri);
      this.info = file.info;
      return file;
    } catch (error) {
      this.info = null;
      throw error;
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.watcher.dispose();
    this.fileChanged.dispose();
  }

  private settle(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.compare(), SETTLE_MS);
  }

  private async compare(): Promise<void> {
    const now = await stampOf(this.uri).catch(() => null);
    const before = this.stamp;
    if (now?.size === before?.size && now?.mtime === before?.mtime) return;
    this.stamp = now;
    this.changes += 1;
    this.fileChanged.fire(now === null ? "deleted" : "changed");
  }
}
