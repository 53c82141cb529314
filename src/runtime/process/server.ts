import type { Engine } from "../engineTypes.js";
import {
  PROTOCOL_VERSION,
  type FromModelProcess,
  type ModelProcessEvent,
  type ToModelProcess,
  type Vitals,
} from "../../protocol/modelProcess.js";
import { cancelledError, serializeError } from "../../core/serializedError.js";

/** The server's end of the connection to the process that asked for the model. */
export interface ServerChannel {
  /** Resolves when the message has left this process. */
  send(message: FromModelProcess): Promise<void>;
  onMessage(listener: (message: ToModelProcess) => void): void;
  /** The other side closed the connection or died. */
  onDisconnect(listener: () => void): void;
}

/** How often vitals are sent while a request runs. */
const VITALS_MS = 2000;

type Request = Extract<ToModelProcess, { kind: "request" }>;

/** Serves one engine over a channel: hello first, then one request at a time, in order of arrival. */
export class ModelProcessServer {
  private readonly open = new Map<number, AbortController>();
  private queue: Promise<void> = Promise.resolve();

  /**
   * @param vitals how the process is now
   * @param exit ends the process, called once after a shutdown request or a lost connection
   */
  constructor(
    private readonly engine: Engine,
    private readonly channel: ServerChannel,
    private readonly vitals: () => Vitals,
    private readonly exit: () => void,
  ) {}

  /** Starts to listen and says hello with the protocol version. */
  async start(tool: string, pid: number): Promise<void> {
    this.channel.onMessage((message) => this.receive(message));
    this.channel.onDisconnect(() => this.exit());
    await this.channel.send({ kind: "hello", protocol: PROTOCOL_VERSION, tool, pid });
  }

  private receive(message: ToModelProcess): void {
    switch (message.kind) {
      case "cancel":
        this.open.get(message.id)?.abort();
        return;
      case "request": {
        if (message.method === "shutdown") for (const controller of this.open.values()) controller.abort();
        const controller = new AbortController();
        this.open.set(message.id, controller);
        this.queue = this.queue.then(() => this.answer(message, controller.signal));
        return;
      }
    }
  }

  private async answer(request: Request, signal: AbortSignal): Promise<void> {
    const { id } = request;
    const timer = setInterval(() => this.sendVitals(), VITALS_MS);
    try {
      if (signal.aborted) throw cancelledError();
      const result = await this.run(request, signal);
      await this.channel.send({ kind: "ok", id, result });
    } catch (error) {
      await this.channel.send({ kind: "error", id, error: serializeError(error) });
    } finally {
      clearInterval(timer);
      this.open.delete(id);
    }
    this.sendVitals();
    if (request.method === "shutdown") this.exit();
  }

  private sendVitals(): void {
    void this.channel.send({ kind: "vitals", vitals: this.vitals() });
  }

  private async run(request: Request, signal: AbortSignal): Promise<unknown> {
    const emit = (event: ModelProcessEvent): void => {
      void this.channel.send({ kind: "event", id: request.id, event });
    };
    switch (request.method) {
      case "load":
        return this.engine.load(request.params, emit);
      case "explain":
        return this.engine.explain(request.params, emit, signal);
      case "explainToFile":
        return this.engine.explainToFile(request.params, emit, signal);
      case "explainAlternative":
        return this.engine.explainAlternative(request.params, signal);
      case "generate":
        return this.engine.generate(request.params, emit, signal);
      case "renderFigure":
        return this.engine.renderFigure(request.params);
      case "viewPicture":
        return this.engine.viewPicture(request.params);
      case "inspectModel": {
        const { modelDir, ...answer } = request.params;
        return (await import("../inspect.js")).inspectModel(modelDir, answer);
      }
      case "diagnose":
        return (await import("../doctor/diagnose.js")).diagnose();
      case "checkDevice":
        return (await import("../session/deviceFacts.js")).judgeDevice(request.params.device);
      case "shutdown":
        await this.engine.dispose();
        return null;
    }
  }
}
