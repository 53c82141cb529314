import { renderHtmlComparison } from "../../src/cli/report/comparisonHtml.js";
import { renderHtmlReport } from "../../src/cli/report/html.js";
import { runCli } from "../../src/cli/runCli.js";
import type { CliServices, ModelClient } from "../../src/cli/services.js";
import type { InspectedAnswer, ModelInspection, ModelVerification } from "../../src/runtime/engineTypes.js";
import { startFakeProcess } from "./startFakeProcess.js";

/** What one command line did. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Code of a forced exit (second Ctrl-C). */
  readonly forcedExit: number | null;
  /** How many model processes were started. */
  readonly processes: number;
}

/** What to change for a command line. */
export interface CliOptions {
  readonly terminal?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly modelsDir?: string;
  /** Called at every token of the answer; `interrupt` is Ctrl-C. */
  readonly onToken?: (interrupt: () => void) => void;
  /** Given Ctrl-C when the command starts. */
  readonly onBegin?: (interrupt: () => void) => void;
  /** Called as soon as the process runs, before the model is loaded. */
  readonly onStarted?: (interrupt: () => void) => void;
  readonly inspectModel?: (dir: string, answer: InspectedAnswer) => Promise<ModelInspection>;
  readonly verifyModel?: (dir: string) => Promise<ModelVerification>;
  readonly runBench?: CliServices["runBench"];
}

/** Runs one command line in this process, with the fake engine in a real model process. */
export async function runDexar(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const text = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  let forcedExit: number | null = null;
  let processes = 0;
  const interrupt = (): void => {
    for (const listener of listeners) listener();
  };
  const stream = (name: "stdout" | "stderr") => ({
    write: (chunk: string) => void (text[name] += chunk),
    isTTY: options.terminal ?? false,
    columns: 100,
  });
  const services: CliServices = {
    version: "0.0.0-test",
    modelsDir: options.modelsDir ?? "no-models",
    createClient: async (signal) => {
      processes++;
      const client = await startFakeProcess({ signal });
      options.onStarted?.(interrupt);
      return options.onToken === undefined ? client : watched(client, () => options.onToken?.(interrupt));
    },
    renderReport: (run, attribution) => renderHtmlReport(run, attribution, { script: "", styles: "" }),
    renderComparison: (runs, shown) => renderHtmlComparison(runs, shown, { script: "", styles: "" }),
    inspectModel: options.inspectModel ?? unexpected,
    verifyModel: options.verifyModel ?? unexpected,
    runBench: options.runBench ?? unexpected,
  };
  const io = {
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    // No models but the test's own, whatever the machine has.
    env: { DEXAR_MODELS: "no-store", HF_HUB_CACHE: "no-cache", HF_TOKEN_PATH: "no-token", ...options.env },
    onInterrupt: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    exitNow: (code: number) => {
      forcedExit = code;
    },
  };
  options.onBegin?.(interrupt);
  const code = await runCli(argv, io, services);
  return { code, ...text, forcedExit, processes };
}

function watched(client: ModelClient, onToken: () => void): ModelClient {
  return {
    load: (params, options) => client.load(params, options),
    generate: (params, options) => client.generate(params, options),
    explain: (params, options = {}) =>
      client.explain(params, {
        ...options,
        onEvent: (event) => {
          options.onEvent?.(event);
          if (event.kind === "token") onToken();
        },
      }),
    diagnose: (options) => client.diagnose(options),
    checkDevice: (params, options) => client.checkDevice(params, options),
    dispose: () => client.dispose(),
    kill: () => client.kill(),
  };
}

function unexpected(): Promise<never> {
  return Promise.reject(new Error("not expected in this test"));
}
