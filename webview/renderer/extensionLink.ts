import type { FromRunOutput, ToRunOutput } from "../../src/protocol/notebookOutput.js";
import type { RendererContext } from "./notebookPage.js";

type Init = Extract<ToRunOutput, { kind: "init" }>;
type Failure = Extract<ToRunOutput, { kind: "opened" }>["failure"];

/** Milliseconds that the first output waits for the user's language and settings. */
const PATIENCE = 1000;

/** The extension, as far as it is there: a saved notebook is drawn without it. */
export class ExtensionLink {
  /** Language and settings; null where nobody answers. */
  readonly init: Promise<Init | null>;
  private readonly open = new Map<number, (failure: Failure) => void>();
  private requests = 0;

  constructor(private readonly context: RendererContext) {
    this.init = new Promise((resolve) => {
      if (!this.present) return resolve(null);
      context.onDidReceiveMessage?.((message) => {
        const said = message as ToRunOutput;
        if (said.kind === "init") resolve(said);
        else this.answered(said.request, said.failure);
      });
      this.send({ kind: "ready" });
      setTimeout(() => resolve(null), PATIENCE);
    });
  }

  /** Whether there is somebody to ask. */
  get present(): boolean {
    return this.context.postMessage !== undefined && this.context.onDidReceiveMessage !== undefined;
  }

  /** Shows a run in a panel. @returns why that cannot be; null: it is there */
  openPanel(runId: string): Promise<Failure> {
    return new Promise((resolve) => {
      const request = ++this.requests;
      this.open.set(request, resolve);
      this.send({ kind: "open", request, runId });
    });
  }

  private answered(request: number, failure: Failure): void {
    this.open.get(request)?.(failure);
    this.open.delete(request);
  }

  private send(message: FromRunOutput): void {
    this.context.postMessage?.(message);
  }
}
