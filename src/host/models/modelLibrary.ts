import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { downloadModel } from "../../hub/downloadModel.js";
import type { DownloadPlan } from "../../hub/downloadState.js";
import type { Hub } from "../../hub/hubApi.js";
import { hubEndpoint } from "../../hub/hubEndpoint.js";
import { hubModels, type HubEntry } from "../../hub/modelList.js";
import { askForOffer, begunPlan, type HubOffer } from "../../hub/offer.js";
import { hubCacheFolder } from "../../hub/places.js";
import type { DownloadProgress } from "../../hub/progress.js";
import { PATIENCE } from "../../hub/retry.js";
import { discardDownload, removeModel } from "../../hub/store.js";
import type { ModelChoice, ModelLibrary } from "../services.js";
import type { ReadSettings } from "../settings/hostSettings.js";
import type { HubToken } from "./hubToken.js";
import { machineModels, type MachineModel } from "./machineModels.js";

const TELL_EVERY_MS = 250;

interface ActiveDownload {
  readonly controller: AbortController;
  readonly finished: Promise<unknown>;
  progress: DownloadProgress | null;
}

/** What the library is made of. */
export interface LibraryOptions {
  readonly readSettings: ReadSettings;
  readonly token: HubToken;
  /** Folder of the extension's own models. */
  readonly bundled: string;
  /** Model folders that the user chose before. */
  readonly usedFolders: () => Promise<readonly string[]>;
}

/** Every model on this machine and public ones: what is there, what is being downloaded, and changing that. */
export class ModelsAndDownloads implements ModelLibrary {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly progressed = new vscode.EventEmitter<string>();
  readonly onDidProgress = this.progressed.event;
  private readonly active = new Map<string, ActiveDownload>();
  private told = 0;

  constructor(private readonly options: LibraryOptions) {}

  async list(): Promise<MachineModel[]> {
    const { bundled, usedFolders, readSettings } = this.options;
    const folders = [readSettings().model.dir, ...(await usedFolders())];
    return machineModels({ bundled, folders, hub: await this.ofHub() });
  }

  async usable(): Promise<ModelChoice[]> {
    return (await this.ofHub()).flatMap(({ name, dir }) => (dir === null ? [] : [{ name, dir }]));
  }

  get usedFolder(): string {
    return this.options.readSettings().model.dir;
  }

  get token(): Pick<HubToken, "set" | "forget"> {
    return this.options.token;
  }

  progress(name: string): DownloadProgress | null | undefined {
    return this.active.get(name)?.progress;
  }

  get endpoint(): string {
    return hubEndpoint(process.env, this.options.readSettings().hubEndpoint);
  }

  async offer(name: string, signal: AbortSignal): Promise<HubOffer> {
    return askForOffer(await this.hub(signal), this.store, { name, revision: null });
  }

  begun(name: string): Promise<DownloadPlan | null> {
    return begunPlan(this.store, { name, dtype: null, revision: null });
  }

  async start(plan: DownloadPlan, accepted: boolean): Promise<ModelChoice | null> {
    const { name } = plan;
    if (this.active.has(name)) throw underWay(name);
    const controller = new AbortController();
    const work = this.run(plan, accepted, controller.signal);
    const settled = work.catch(() => null);
    this.active.set(name, { controller, finished: settled, progress: null });
    this.changed.fire();
    try {
      return await work;
    } catch (error) {
      if (controller.signal.aborted) return null;
      throw error;
    } finally {
      this.active.delete(name);
      this.changed.fire();
    }
  }

  async pause(name: string): Promise<void> {
    const download = this.active.get(name);
    download?.controller.abort();
    await download?.finished;
  }

  async cancel(name: string): Promise<void> {
    await this.pause(name);
    await discardDownload(this.store, name);
    this.changed.fire();
  }

  async remove(name: string): Promise<number> {
    await this.pause(name);
    const freed = await removeModel(this.store, name);
    this.changed.fire();
    return freed;
  }

  refresh(): void {
    this.changed.fire();
  }

  async pauseAll(): Promise<void> {
    await Promise.all([...this.active.keys()].map((name) => this.pause(name)));
  }

  dispose(): void {
    void this.pauseAll();
    this.changed.dispose();
    this.progressed.dispose();
  }

  private get store(): string {
    return this.options.readSettings().modelStore;
  }

  private ofHub(): Promise<HubEntry[]> {
    return hubModels(this.store, hubCacheFolder(process.env));
  }

  private async run(plan: DownloadPlan, accepted: boolean, signal: AbortSignal): Promise<ModelChoice> {
    const onProgress = (progress: DownloadProgress): void => this.follow(plan.name, progress);
    const { name, dir } = await downloadModel(await this.hub(signal), this.store, plan, { accepted, onProgress });
    return { name, dir };
  }

  private follow(name: string, progress: DownloadProgress): void {
    const download = this.active.get(name);
    if (download === undefined) return;
    const isNews = download.progress?.phase !== progress.phase;
    download.progress = progress;
    const now = performance.now();
    if (!isNews && now - this.told < TELL_EVERY_MS) return;
    this.told = now;
    this.progressed.fire(name);
  }

  private async hub(signal: AbortSignal): Promise<Hub> {
    // The editor replaces fetch by one that follows its own settings for proxies and certificates.
    const fetch: Hub["fetch"] = (url, init) => globalThis.fetch(url, init);
    return { endpoint: this.endpoint, token: await this.options.token.get(), fetch, signal, patience: PATIENCE };
  }
}

function underWay(name: string): DexarError {
  return new DexarError(
    "download-under-way",
    vscode.l10n.t("{0} is being downloaded already.", name),
    vscode.l10n.t("Wait for it, or pause it first."),
  );
}
