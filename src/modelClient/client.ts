import { fork, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { DexarError } from "../core/errors.js";
import type {
  FromModelProcess,
  MethodName,
  ModelProcessEvent,
  ModelProcessMethods,
  ToModelProcess,
  Vitals,
} from "../protocol/modelProcess.js";
import { checkNode } from "./checkNode.js";
import { DEATH_LINES, diedError } from "./diedError.js";
import { LogTail } from "./logTail.js";
import { cancelledError, deserializeError } from "../core/serializedError.js";
import { startFailure, waitForHello } from "./waitForHello.js";

/** How to start a model process. */
export interface ModelProcessOptions {
  /** Path of the model process's bundle (`dist/modelProcess.js`). */
  readonly entry: string;
  /** The Node to run it with; by default this process's own program (in VS Code Electron, run as Node). */
  readonly execPath?: string;
  readonly execArgv?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Longest wait for the process to say hello; 60 s by default. */
  readonly readyTimeoutMs?: number;
  /** Longest wait for the process to end by itself when disposed; 3 s by default. */
  readonly shutdownGraceMs?: number;
  /** Receives what the process writes to stdout and stderr. */
  readonly onLog?: (chunk: string) => void;
  readonly onVitals?: (vitals: Vitals) => void;
  /** Called once when a process that had started ends: with the reason, or null after `dispose`. */
  readonly onExit?: (error: DexarError | null) => void;
  readonly signal?: AbortSignal;
}

/** How one request is followed and cancelled. */
export interface CallOptions {
  readonly onEvent?: (event: ModelProcessEvent) => void;
  readonly signal?: AbortSignal;
}

interface OpenCall {
  readonly method: MethodName;
  resolve(result: unknown): void;
  reject(error: DexarError): void;
  onEvent(event: ModelProcessEvent): void;
}

/** A running model process; dispose it to end the process. */
export class ModelProcessClient {
  private readonly open = new Map<number, OpenCall>();
  private readonly closed: Promise<void>;
  private nextId = 1;
  private death: DexarError | null = null;
  private disposed: Promise<void> | null = null;
  private killed = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly log: LogTail,
    private readonly options: ModelProcessOptions,
  ) {
    child.on("message", (message) => this.receive(message as FromModelProcess));
    child.on("error", (error) => this.die(diedError(startFailure(error.message))));
    this.closed = new Promise((resolve) => {
      // "close" comes after "exit", when stderr has been read to its end.
      child.on("close", (code, signal) => {
        const [logLines, busyWith] = [this.log.lastLines(DEATH_LINES), this.busyWith()];
        this.die(diedError({ code, signal, logLines, busyWith, killed: this.killed }));
        options.onExit?.(this.disposed === null ? this.death : null);
        resolve();
      });
    });
  }

  /**
   * Starts the process and waits for its hello.
   * @throws DexarError `model-process-missing`, `node-not-found`, `node-not-node`, `node-too-old`,
   * `model-process-died`, `model-process-timeout`, `model-process-version`, `out-of-memory` or `cancelled`
   */
  static async start(options: ModelProcessOptions): Promise<ModelProcessClient> {
    if (!existsSync(options.entry)) throw notBuiltError(options.entry);
    const { execPath } = options;
    const env = nodeEnvironment(options.env ?? process.env);
    if (execPath !== undefined) await checkNode(execPath, env);
    const child = fork(options.entry, [], {
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      execArgv: [...(options.execArgv ?? [])],
      env,
      ...(execPath === undefined ? {} : { execPath }),
    });
    // Without a listener an error event (a failed kill, say) would end this process.
    child.on("error", () => {});
    const log = new LogTail();
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        log.append(chunk);
        options.onLog?.(chunk);
      });
    }
    await waitForHello(child, log, options.readyTimeoutMs ?? 60_000, options.signal);
    return new ModelProcessClient(child, log, options);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Loads a model. Loading cannot be stopped half-way: when the signal aborts, the call rejects at once. */
  load(params: ModelProcessMethods["load"]["params"], options: CallOptions = {}) {
    const call = this.call("load", params, options);
    const { signal } = options;
    if (signal === undefined) return call;
    return Promise.race([call, rejectOnAbort(signal, call)]);
  }

  /** Explains an answer; cancelled, it resolves with the finished tokens (`partial`) or rejects with `cancelled`. */
  explain(params: ModelProcessMethods["explain"]["params"], options: CallOptions = {}) {
    return this.call("explain", params, options);
  }

  /**
   * Explains into files. Cancelled, the finished tokens are saved (`partial`), or it rejects with `cancelled` when
   * there are none.
   */
  explainToFile(params: ModelProcessMethods["explainToFile"]["params"], options: CallOptions = {}) {
    return this.call("explainToFile", params, options);
  }

  /** Gradients of another token at a step of a saved run; its model must be loaded. */
  explainAlternative(params: ModelProcessMethods["explainAlternative"]["params"], options: CallOptions = {}) {
    return this.call("explainAlternative", params, options);
  }

  /** What is in a model folder, and what stands in the way; runs nothing. */
  inspectModel(params: ModelProcessMethods["inspectModel"]["params"], options: CallOptions = {}) {
    return this.call("inspectModel", params, options);
  }

  /** What the machine is and has; runs nothing. */
  diagnose(options: CallOptions = {}) {
    return this.call("diagnose", {}, options);
  }

  /** Tries a device out; a graphics driver may take the process with it. */
  checkDevice(params: ModelProcessMethods["checkDevice"]["params"], options: CallOptions = {}) {
    return this.call("checkDevice", params, options);
  }

  /** Generates without capture; cancelled, it resolves with the text so far or rejects with `cancelled`. */
  generate(params: ModelProcessMethods["generate"]["params"], options: CallOptions = {}) {
    return this.call("generate", params, options);
  }

  /** A picture in any format as a page shows it; needs no model. */
  viewPicture(params: ModelProcessMethods["viewPicture"]["params"], options: CallOptions = {}) {
    return this.call("viewPicture", params, options);
  }

  /** Draws a figure as a PNG file; needs no model. */
  renderFigure(params: ModelProcessMethods["renderFigure"]["params"], options: CallOptions = {}) {
    return this.call("renderFigure", params, options);
  }

  /** Cancels open work and ends the process: by a shutdown request, by SIGKILL when it does not answer. */
  dispose(): Promise<void> {
    this.disposed ??= this.shutDown();
    return this.disposed;
  }

  /** Ends the process at once. */
  kill(): void {
    this.killed = true;
    this.child.kill("SIGKILL");
  }

  private async shutDown(): Promise<void> {
    const timer = setTimeout(() => this.kill(), this.options.shutdownGraceMs ?? 3000);
    // A process that is already gone has nothing to shut down.
    await this.call("shutdown", {}, {}).catch(() => null);
    await this.closed;
    clearTimeout(timer);
  }

  private call<M extends MethodName>(
    method: M,
    params: ModelProcessMethods[M]["params"],
    options: CallOptions,
  ): Promise<ModelProcessMethods[M]["result"]> {
    if (this.death !== null) return Promise.reject(this.death);
    if (options.signal?.aborted === true) return Promise.reject(cancelledError());
    const id = this.nextId++;
    const cancel = (): void => this.cancel(id);
    const result = new Promise<unknown>((resolve, reject) => {
      this.open.set(id, { method, resolve, reject, onEvent: options.onEvent ?? (() => {}) });
    });
    options.signal?.addEventListener("abort", cancel, { once: true });
    this.send({ kind: "request", id, method, params } as ToModelProcess);
    return result.finally(() => options.signal?.removeEventListener("abort", cancel)) as Promise<
      ModelProcessMethods[M]["result"]
    >;
  }

  /** Requests are answered in order: one that waits for another is over at once. */
  private cancel(id: number): void {
    this.send({ kind: "cancel", id });
    const [running] = this.open.keys();
    if (id === running) return;
    this.open.get(id)?.reject(cancelledError());
    this.open.delete(id);
  }

  private send(message: ToModelProcess): void {
    // A failed send means the process is gone; its "close" event rejects the open calls.
    if (this.child.connected) this.child.send(message, () => {});
  }

  private receive(message: FromModelProcess): void {
    if (message.kind === "hello") return;
    if (message.kind === "vitals") {
      this.options.onVitals?.(message.vitals);
      return;
    }
    const call = this.open.get(message.id);
    if (call === undefined) return;
    switch (message.kind) {
      case "event":
        call.onEvent(message.event);
        return;
      case "ok":
        this.open.delete(message.id);
        call.resolve(message.result);
        return;
      case "error":
        this.open.delete(message.id);
        call.reject(deserializeError(message.error));
        return;
    }
  }

  private busyWith(): MethodName | null {
    for (const { method } of this.open.values()) return method;
    return null;
  }

  private die(error: DexarError): void {
    this.death ??= error;
    for (const call of this.open.values()) call.reject(this.death);
    this.open.clear();
  }
}

/** Electron is Node only when asked; any other Node does not mind. */
function nodeEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return process.versions["electron"] === undefined ? env : { ...env, ELECTRON_RUN_AS_NODE: "1" };
}

function notBuiltError(entry: string): DexarError {
  return new DexarError(
    "model-process-missing",
    `The model process's program is missing: ${entry}`,
    "Install it again (in a checkout: npm run build).",
  );
}

function rejectOnAbort(signal: AbortSignal, settled: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(cancelledError());
    signal.addEventListener("abort", abort, { once: true });
    void settled.catch(() => null).then(() => signal.removeEventListener("abort", abort));
  });
}
