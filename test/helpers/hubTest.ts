import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { downloadModel, type DownloadOptions } from "../../src/hub/downloadModel.js";
import type { DownloadPlan } from "../../src/hub/downloadState.js";
import type { Hub } from "../../src/hub/hubApi.js";
import { askForOffer, begunPlan, planOf } from "../../src/hub/offer.js";
import type { DownloadProgress } from "../../src/hub/progress.js";
import type { StoredModel } from "../../src/hub/store.js";
import { dropAfter, FakeHub, type FakeModel, type Fault } from "./fakeHub.js";
import { noisyModel } from "./fakeHubModel.js";

export const NAME = "owner/tiny-vlm";

/** A stand-in hub with one model, and an empty store. */
export class HubTest {
  readonly store = mkdtempSync(path.join(tmpdir(), "dexar-store-"));
  readonly waits: number[] = [];
  readonly progress: DownloadProgress[] = [];
  private controller = new AbortController();

  private constructor(readonly server: FakeHub) {}

  static async start(model: FakeModel = noisyModel()): Promise<HubTest> {
    return new HubTest(await new FakeHub({ [NAME]: model }).start());
  }

  async end(): Promise<void> {
    await this.server.stop();
    rmSync(this.store, { recursive: true, force: true });
  }

  hub(changes: Partial<Hub> = {}): Hub {
    return {
      endpoint: this.server.url,
      token: null,
      fetch,
      signal: this.controller.signal,
      patience: { wait: async (ms) => void this.waits.push(ms), stalledAfterMs: 20_000 },
      ...changes,
    };
  }

  /** Aborts what runs; what is started afterwards is not. */
  pause(): void {
    this.controller.abort();
    this.controller = new AbortController();
  }

  async plan(dtype: string | null = "q4", hub = this.hub()): Promise<DownloadPlan> {
    const wish = { name: NAME, dtype, revision: null };
    return (await begunPlan(this.store, wish)) ?? planOf(await askForOffer(hub, this.store, wish), dtype);
  }

  async download(
    options: Partial<DownloadOptions> & { readonly dtype?: string | null; readonly hub?: Partial<Hub> } = {},
  ): Promise<StoredModel> {
    const hub = this.hub(options.hub);
    const { dtype = "q4" } = options;
    return downloadModel(hub, this.store, await this.plan(dtype, hub), {
      accepted: false,
      onProgress: (progress) => void this.progress.push(progress),
      ...options,
    });
  }

  /** A fault that breaks the connection so many times, each time when so many bytes of a file came. */
  dropAfter(file: string, bytes: number, times = 1): Fault {
    const part = path.join(this.store, ".downloads", NAME, "files", `${file}.part`);
    const size = (): number => statSync(part, { throwIfNoEntry: false })?.size ?? 0;
    return dropAfter(this.server, file, { bytes, times }, async (position) => {
      while (size() < position) await sleep(5);
    });
  }

  /** Every file below the store, hidden ones too. */
  filesInStore(): string[] {
    return readdirSync(this.store, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map(({ parentPath, name }) => path.relative(this.store, path.join(parentPath, name)))
      .sort();
  }
}
