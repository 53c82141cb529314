import { DexarError } from "../../core/errors.js";
import { deserializeError, serializeError } from "../../core/serializedError.js";
import type { LoadedModel, Vitals } from "../../protocol/modelProcess.js";
import type { ModelClient, StartModelClient } from "./modelClient.js";
import type { ModelTarget } from "./modelTarget.js";

/** A process whose model is loaded. */
export interface ReadyModel {
  readonly client: ModelClient;
  readonly loaded: LoadedModel;
}

export interface ModelSessionOptions {
  readonly target: ModelTarget;
  /** The model process's bundle. */
  readonly entry: string;
  readonly startClient: StartModelClient;
  readonly onLog: (chunk: string) => void;
  readonly onVitals: (vitals: Vitals) => void;
  /** The session went from starting to loading, or from loading to ready. */
  readonly onProgress: () => void;
  /** The process ended, or never came up; null: it was asked to end. */
  readonly onEnd: (error: DexarError | null) => void;
}

/** One model process with its model, from its start to its end; never used again after that. */
export class ModelSession {
  /** Rejects with what kept process or model from coming up. */
  readonly ready: Promise<ReadyModel>;
  /** null until the model is loaded. */
  loaded: LoadedModel | null = null;
  private readonly abort = new AbortController();
  private client: ModelClient | null = null;
  private ended = false;

  constructor(private readonly options: ModelSessionOptions) {
    this.ready = this.open();
    // Whoever waits for it hears of a failure; when nobody does, `onEnd` has told it.
    this.ready.catch(() => null);
  }

  get target(): ModelTarget {
    return this.options.target;
  }

  get phase(): "starting" | "loading" | "ready" {
    if (this.client === null) return "starting";
    return this.loaded === null ? "loading" : "ready";
  }

  get pid(): number | undefined {
    return this.client?.pid;
  }

  /** Ends the process: what it is doing is cancelled first, an unfinished start given up. */
  async end(): Promise<void> {
    const coming = this.loaded === null;
    this.finish(null);
    this.abort.abort();
    // Loading cannot be interrupted: nothing is lost when the process is just ended.
    if (coming) this.client?.kill();
    await this.client?.dispose();
  }

  /** Ends the process at once; its open work rejects. */
  kill(): void {
    this.client?.kill();
  }

  private async open(): Promise<ReadyModel> {
    try {
      const client = await this.start();
      if (this.ended) client.kill();
      this.client = client;
      this.options.onProgress();
      const loaded = await client.load(this.target.load, { signal: this.abort.signal });
      this.loaded = loaded;
      this.options.onProgress();
      return { client, loaded };
    } catch (error) {
      this.client?.kill();
      this.finish(error instanceof DexarError ? error : deserializeError(serializeError(error)));
      throw error;
    }
  }

  private start(): Promise<ModelClient> {
    const { entry, startClient, onLog, onVitals, target } = this.options;
    return startClient({
      entry,
      signal: this.abort.signal,
      onLog,
      onVitals,
      onExit: (error) => this.finish(error),
      ...(target.nodePath === null ? {} : { execPath: target.nodePath }),
    });
  }

  private finish(error: DexarError | null): void {
    if (this.ended) return;
    this.ended = true;
    this.options.onEnd(error);
  }
}
