import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { cancelledError, isCancelled } from "../../core/serializedError.js";
import type { LoadedModel } from "../../protocol/modelProcess.js";
import type { ModelStatus } from "../../protocol/panel.js";
import type { ModelChoice, ModelHost } from "../services.js";
import type { ReadSettings } from "../settings/hostSettings.js";
import type { ModelClient, StartModelClient } from "./modelClient.js";
import { ModelSession, type ReadyModel } from "./modelSession.js";
import { serves, targetOf } from "./modelTarget.js";
import { logLines } from "./logLines.js";
import { raceAbort } from "./raceAbort.js";
import { WorkQueue } from "./workQueue.js";

export interface ModelHostOptions {
  /** The model process's bundle (`dist/modelProcess.js`). */
  readonly entry: string;
  readonly readSettings: ReadSettings;
  readonly startClient: StartModelClient;
  readonly log: vscode.LogOutputChannel;
  /** How long a cancelled request may take to answer before the process is ended. */
  readonly cancelGraceMs?: number;
}

/** How a piece of work with the model is followed and cancelled. */
export interface UseOptions {
  readonly signal: AbortSignal;
  readonly onPhase: (phase: "queued" | "starting" | "loading") => void;
  /** Instead of the settings' model; a process with another one ends first. */
  readonly model?: ModelChoice;
}

/** The one model process of this window: started when needed, shared, one request at a time, ended when idle. */
export class ModelProcessHost implements ModelHost {
  readonly log: vscode.LogOutputChannel;
  private readonly queue = new WorkQueue();
  private readonly changed = new vscode.EventEmitter<ModelStatus>();
  readonly onDidChangeStatus = this.changed.event;
  private session: ModelSession | null = null;
  /** When there is no session: whether the last one failed. */
  private failed = false;
  private busy = false;
  private memory: number | null = null;
  private idleTimer: NodeJS.Timeout | undefined;
  private stopping = new AbortController();
  /** The model the last request asked for; null: the settings'. */
  private choice: ModelChoice | null = null;

  constructor(private readonly options: ModelHostOptions) {
    this.log = options.log;
  }

  get status(): ModelStatus {
    // Stopped, the settings' model is the one to come; after a failure it is told of which.
    const target =
      this.session?.target ?? targetOf(this.options.readSettings(), this.failed ? this.choice : null);
    const loaded = this.session?.loaded ?? null;
    return {
      state: this.state(),
      name: loaded?.name ?? target.name,
      ...(loaded === null ? { device: target.load.device } : deviceFacts(loaded)),
      dtype: loaded?.dtype ?? target.load.dtype,
      size: loaded?.bytes ?? null,
      memory: this.memory,
    };
  }

  /** The model process's id; undefined when none runs. */
  get pid(): number | undefined {
    return this.session?.pid;
  }

  /**
   * Waits for its turn, starts the process and loads the model when needed, and works with it.
   * @throws DexarError what the work throws; of process or model; `cancelled`
   */
  use<T>(
    work: (client: ModelClient, signal: AbortSignal) => Promise<T>,
    { signal, onPhase, model }: UseOptions,
  ): Promise<T> {
    const either = AbortSignal.any([signal, this.stopping.signal]);
    return this.queue.run(
      async () => {
        clearTimeout(this.idleTimer);
        this.choice = model ?? null;
        try {
          const { client } = await this.ready(either, onPhase);
          return await this.working(() => work(client, either), either);
        } finally {
          this.waitIdle();
        }
      },
      either,
      () => onPhase("queued"),
    );
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.use(async () => {}, { signal, onPhase: () => {} });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.stopping = new AbortController();
    clearTimeout(this.idleTimer);
    this.failed = false;
    await this.session?.end();
    this.tell();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start(this.stopping.signal);
  }

  /** The settings changed: a process with another model serves until the next request, which starts anew. */
  settingsChanged(): void {
    const stale = this.session !== null && !this.fits(this.session);
    if (stale) this.log.info("The model's settings changed: the next request starts the model anew.");
    if (!stale && !this.busy) this.waitIdle();
    this.tell();
  }

  dispose(): void {
    this.stop().catch((error: unknown) => this.log.error(error as Error));
    this.changed.dispose();
  }

  private state(): ModelStatus["state"] {
    if (this.session === null) return this.failed ? "failed" : "stopped";
    if (this.session.phase !== "ready") return this.session.phase;
    return this.busy ? "busy" : "ready";
  }

  private fits(session: ModelSession): boolean {
    const wanted = targetOf(this.options.readSettings(), this.choice);
    return serves(session.target, session.loaded?.dtype ?? null, wanted);
  }

  private async ready(signal: AbortSignal, onPhase: UseOptions["onPhase"]): Promise<ReadyModel> {
    if (this.session !== null && !this.fits(this.session)) await this.session.end();
    if (signal.aborted) throw cancelledError();
    const session = (this.session ??= this.open());
    let told: ModelSession["phase"] = "ready";
    // The status also changes within a phase, with the memory.
    const report = (): void => {
      const { phase } = session;
      if (phase !== "ready" && phase !== told) onPhase(phase);
      told = phase;
    };
    report();
    const progress = this.onDidChangeStatus(report);
    try {
      return await raceAbort(session.ready, signal);
    } catch (error) {
      // Somebody who waits wants the same model: then it goes on coming up.
      if (isCancelled(error) && this.queue.length === 0) await session.end();
      throw error;
    } finally {
      progress.dispose();
    }
  }

  private open(): ModelSession {
    const { entry, startClient, readSettings } = this.options;
    const target = targetOf(readSettings(), this.choice);
    this.log.info(`Starting the model process for ${target.load.modelDir}`);
    const session = new ModelSession({
      target,
      entry,
      startClient,
      onLog: (chunk) => logLines(chunk, this.log),
      onVitals: ({ memory }) => {
        this.memory = memory;
        this.tell();
      },
      onProgress: () => this.tell(),
      onEnd: (error) => this.sessionEnded(error),
    });
    // The caller keeps it too; here, so that the first `tell` already sees it.
    this.session = session;
    this.tell();
    return session;
  }

  private sessionEnded(error: DexarError | null): void {
    this.session = null;
    this.memory = null;
    this.failed = error !== null && !isCancelled(error);
    if (error === null || isCancelled(error)) this.log.info("The model process ended.");
    else this.log.error(`${error.message} ${error.nextStep}`);
    this.tell();
  }

  /** Runs the work; when it is cancelled and does not answer in time, ends the process. */
  private async working<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const grace = this.options.cancelGraceMs ?? CANCEL_GRACE_MS;
    const { session } = this;
    let timer: NodeJS.Timeout | undefined;
    const watch = (): void => {
      timer = setTimeout(() => {
        this.log.warn(`The model process did not answer a cancel within ${grace / 1000} s and is ended.`);
        session?.kill();
      }, grace);
    };
    signal.addEventListener("abort", watch, { once: true });
    this.busy = true;
    this.tell();
    try {
      return await work();
    } catch (error) {
      const killedByUs = signal.aborted && error instanceof DexarError && error.code === "model-process-died";
      throw killedByUs ? cancelledError() : error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", watch);
      this.busy = false;
      this.tell();
    }
  }

  private waitIdle(): void {
    clearTimeout(this.idleTimer);
    const { idleMinutes } = this.options.readSettings();
    if (this.session === null || idleMinutes <= 0 || this.queue.length > 0) return;
    this.idleTimer = setTimeout(() => {
      this.log.info(`The model process was idle for ${idleMinutes} min and is ended.`);
      this.session?.end().catch((error: unknown) => this.log.error(error as Error));
    }, idleMinutes * 60_000);
    this.idleTimer.unref();
  }

  private tell(): void {
    this.changed.fire(this.status);
  }
}

/** Where a loaded model runs, and what is known of that place. */
function deviceFacts({ device, devices, deviceDifference, deviceNotice }: LoadedModel) {
  return {
    device,
    ...(devices && { devices }),
    ...(deviceDifference !== undefined && { deviceDifference }),
    ...(deviceNotice !== undefined && { deviceNotice }),
  };
}

const CANCEL_GRACE_MS = 30_000;
