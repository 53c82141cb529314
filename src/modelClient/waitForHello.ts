import type { ChildProcess } from "node:child_process";
import { DexarError } from "../core/errors.js";
import { PROTOCOL_VERSION, type FromModelProcess } from "../protocol/modelProcess.js";
import { DEATH_LINES, diedError, type Death } from "./diedError.js";
import type { LogTail } from "./logTail.js";
import { cancelledError } from "../core/serializedError.js";

/**
 * Waits for the first of: a hello with our protocol version, the end of the process, the timeout, a cancel.
 * In every case but the first the process is killed.
 * @throws DexarError `model-process-died`, `model-process-timeout`, `model-process-version` or `cancelled`
 */
export async function waitForHello(
  child: ChildProcess,
  log: LogTail,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const cleanup = new AbortController();
  const until = { signal: cleanup.signal };
  try {
    await new Promise<void>((resolve, reject) => {
      listen(child, "message", until, (message) => {
        const hello = message as FromModelProcess;
        if (hello.kind !== "hello") return;
        if (hello.protocol === PROTOCOL_VERSION) resolve();
        else reject(versionError(hello.protocol));
      });
      listen(child, "error", until, (error) => reject(diedError(startFailure(String(error)))));
      listen(child, "close", until, (code, name) => {
        // Ctrl-C reaches a process that has not yet learned to ignore it.
        if (name === "SIGINT") reject(cancelledError());
        else reject(diedError(endAtStart(code as number | null, name as string | null, log)));
      });
      const timer = setTimeout(() => reject(timeoutError(timeoutMs)), timeoutMs);
      cleanup.signal.addEventListener("abort", () => clearTimeout(timer));
      if (signal?.aborted === true) reject(cancelledError());
      signal?.addEventListener("abort", () => reject(cancelledError()), until);
    });
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    cleanup.abort();
  }
}

/** A process that the system did not start. */
export function startFailure(reason: string): Death {
  return { code: null, signal: null, logLines: [reason], busyWith: null, killed: false };
}

function endAtStart(code: number | null, signal: string | null, log: LogTail): Death {
  return { code, signal, logLines: log.lastLines(DEATH_LINES), busyWith: "its start", killed: false };
}

function listen(
  child: ChildProcess,
  event: "message" | "error" | "close",
  until: { readonly signal: AbortSignal },
  listener: (...values: unknown[]) => void,
): void {
  child.on(event, listener);
  until.signal.addEventListener("abort", () => child.off(event, listener));
}

function versionError(version: number): DexarError {
  return new DexarError(
    "model-process-version",
    `The model process speaks protocol version ${version}, this program version ${PROTOCOL_VERSION}.`,
    "Install it again (in a checkout: npm run build): the parts come from different versions.",
  );
}

function timeoutError(timeoutMs: number): DexarError {
  return new DexarError(
    "model-process-timeout",
    `The model process did not start within ${timeoutMs / 1000} s.`,
    "Run it again; if the machine is busy, wait until it is not.",
  );
}
