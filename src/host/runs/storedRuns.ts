import { readFile, stat } from "node:fs/promises";
import * as vscode from "vscode";
import type { SavedRun } from "../../protocol/modelProcess.js";
import type { FinishedRun } from "../../protocol/panel.js";
import type { ExplainTask, RunEntry, RunStore } from "../services.js";
import { writeFailed } from "../writeFailed.js";
import { writeFileAtomically } from "../writeFileAtomically.js";
import { plainBytes } from "../plainBytes.js";
import { broughtHome, filesOf, removeFiles, removeForgotten } from "./elsewhere.js";
import { superfluousRuns, type Retention } from "./retention.js";
import { digestOf, keptDigest } from "./storedDigest.js";
import { movedUri } from "./movedUri.js";
import { typedPicture } from "./typedPicture.js";
import type { RunFolder, StoredFiles } from "./runFolder.js";
import { runMissing } from "./runMissing.js";
import { formatRecord, parseRecord } from "./runRecord.js";

export interface StoredRunsOptions {
  readonly folder: RunFolder;
  /** Which runs stay when a new one comes; shown ones always do. */
  readonly retention: () => Retention;
  readonly log: Pick<vscode.LogOutputChannel, "info" | "warn" | "error">;
}

/** Runs as files in the extension's storage: they outlive the window and are the same after a reload. */
export class StoredRuns implements RunStore {
  /** Resolves when the runs of earlier windows are listed. */
  readonly ready: Promise<void>;
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private list: readonly RunEntry[] = [];
  /** Runs that panels show: never deleted to make room. */
  private readonly shown = new Map<object, string>();

  constructor(private readonly options: StoredRunsOptions) {
    this.ready = this.load().catch((error: unknown) => {
      options.log.error(`The runs of earlier windows cannot be listed: ${String(error)}`);
    });
  }

  get entries(): readonly RunEntry[] {
    return this.list;
  }

  get(id: string): RunEntry | undefined {
    return this.list.find((entry) => entry.id === id);
  }

  async read(id: string): Promise<FinishedRun> {
    await this.ready;
    const entry = this.get(id);
    if (!entry) throw runMissing();
    const { runPath, picturePath, bytes } = entry.saved;
    try {
      const [file, picture] = await Promise.all([readFile(runPath), readFile(picturePath)]);
      if (file.length !== bytes) throw new RangeError(`it has ${file.length} bytes instead of ${bytes}`);
      return { runId: id, file: plainBytes(file), picture: typedPicture(picture), name: entry.name };
    } catch (error) {
      this.options.log.warn(`The run ${runPath} cannot be read and is dropped: ${String(error)}`);
      this.forget(id);
      throw runMissing(error);
    }
  }

  async readDigest(id: string): Promise<string> {
    await this.ready;
    const entry = this.get(id);
    if (!entry) throw runMissing();
    const { log, folder } = this.options;
    const place = entry.saved.digestPath ?? folder.filesOf(id).digestPath;
    const kept = await keptDigest(place, (message) => log.warn(message));
    if (kept !== null) return kept;
    const digest = await digestOf(await this.read(id));
    await writeFileAtomically(place, digest).catch((error: unknown) => log.warn(String(error)));
    return digest;
  }

  /**
   * The files of a new run, in a folder that exists.
   * @throws DexarError `output-write-failed`
   */
  async filesFor(id: string): Promise<StoredFiles> {
    const { folder } = this.options;
    await folder.create().catch((cause: unknown) => {
      throw writeFailed(vscode.l10n.t("The run"), cause);
    });
    return folder.filesOf(id);
  }

  /** Keeps a run whose files are written, and makes room for it. */
  async add(
    id: string,
    saved: SavedRun,
    { image, withImages, source }: Pick<ExplainTask, "image" | "withImages" | "source">,
  ): Promise<RunEntry> {
    await this.ready;
    const entry: RunEntry = {
      id,
      name: null,
      saved,
      image,
      ...(withImages && { withImages }),
      ...(source && { source }),
    };
    this.list = [entry, ...this.list];
    await this.record(entry).catch((error: unknown) => {
      this.options.log.error(`The run is kept until this window closes only: ${String(error)}`);
    });
    await this.makeRoom();
    this.changed.fire();
    return entry;
  }

  /** Removes what an unfinished request has left. */
  async discard(id: string): Promise<void> {
    await this.options.folder.remove(id).catch((error: unknown) => this.options.log.warn(String(error)));
  }

  async rename(id: string, name: string): Promise<void> {
    await this.change(id, { name: name.trim() === "" ? null : name.trim() });
  }

  async setPinned(id: string, pinned: boolean): Promise<void> {
    await this.change(id, { pinned });
  }

  /** A document or a folder of them was renamed, or a document saved for the first time: its runs follow it. */
  async moveSource(from: vscode.Uri, to: vscode.Uri): Promise<void> {
    await this.ready;
    for (const { id, source } of this.list) {
      const uri = source && movedUri(source.uri, from, to);
      if (uri) await this.change(id, { source: { ...source, uri } });
    }
  }

  async delete(id: string): Promise<void> {
    await this.ready;
    const entry = this.get(id);
    if (!entry) return;
    await this.removeFiles(entry);
    this.forget(id);
  }

  async clear(): Promise<void> {
    await this.ready;
    const failures: Error[] = [];
    for (const entry of this.list) {
      try {
        await this.removeFiles(entry);
        this.list = this.list.filter((other) => other !== entry);
      } catch (error) {
        failures.push(error instanceof Error ? error : new Error(String(error)));
      }
    }
    this.changed.fire();
    const [failure] = failures;
    if (failure) throw failure;
  }

  /** Says which run a panel shows now; null: none (any more). */
  setShown(panel: object, id: string | null): void {
    if (id === null) this.shown.delete(panel);
    else this.shown.set(panel, id);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async record(entry: RunEntry): Promise<void> {
    await writeFileAtomically(this.options.folder.filesOf(entry.id).recordPath, formatRecord(entry));
  }

  private forget(id: string): void {
    this.list = this.list.filter((entry) => entry.id !== id);
    this.changed.fire();
  }

  private async change(
    id: string,
    change: Partial<Pick<RunEntry, "name" | "pinned" | "source">>,
  ): Promise<void> {
    await this.ready;
    const entry = this.get(id);
    if (!entry) throw runMissing();
    const changed: RunEntry = { ...entry, ...change };
    await this.record(changed);
    this.list = this.list.map((other) => (other.id === id ? changed : other));
    this.changed.fire();
  }

  private async makeRoom(): Promise<void> {
    const shown = new Set(this.shown.values());
    const [newest] = this.list;
    const stays = (entry: RunEntry): boolean => entry === newest || shown.has(entry.id);
    for (const entry of superfluousRuns(this.list, this.options.retention(), stays, Date.now())) {
      await this.removeFiles(entry).catch((error: unknown) => this.options.log.warn(String(error)));
      this.list = this.list.filter((other) => other !== entry);
    }
  }

  private async removeFiles({ id, saved }: RunEntry): Promise<void> {
    await this.options.folder.remove(id);
    // Where the storage was full, they lie elsewhere.
    await removeFiles(filesOf(saved));
  }

  private async load(): Promise<void> {
    const { folder } = this.options;
    const found = await Promise.all((await folder.ids()).map((id) => this.loadEntry(id)));
    const known = found.filter((entry) => entry !== null);
    const newestFirst = known.sort((a, b) => b.saved.info.time.localeCompare(a.saved.info.time));
    this.list = [...this.list, ...newestFirst];
    if (newestFirst.length > 0) this.changed.fire();
    await folder.removeLeftOvers();
    await removeForgotten(new Set(this.list.flatMap(({ saved }) => filesOf(saved))));
  }

  private async loadEntry(id: string): Promise<RunEntry | null> {
    const { folder, log } = this.options;
    try {
      const entry = parseRecord(await readFile(folder.filesOf(id).recordPath, "utf8"), id);
      const { runPath, picturePath } = entry.saved;
      const [{ size }] = await Promise.all([stat(runPath), stat(picturePath)]);
      if (size !== entry.saved.bytes) throw new RangeError(`its file has ${size} bytes`);
      return await this.broughtHome(entry);
    } catch (error) {
      log.warn(`The run ${id} is damaged and is dropped: ${String(error)}`);
      await this.discard(id);
      return null;
    }
  }

  /** A run that was kept elsewhere, in the storage now; as it was when there is still no room. */
  private async broughtHome(entry: RunEntry): Promise<RunEntry> {
    const { folder, log } = this.options;
    try {
      const saved = await broughtHome(entry.saved, folder.filesOf(entry.id));
      if (saved === entry.saved) return entry;
      const home: RunEntry = { ...entry, saved };
      await this.record(home);
      await removeFiles(filesOf(entry.saved).filter((file) => !filesOf(saved).includes(file)));
      return home;
    } catch (error) {
      log.warn(`The run ${entry.id} stays in ${entry.saved.runPath}: ${String(error)}`);
      return entry;
    }
  }
}
