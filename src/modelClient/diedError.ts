import { DexarError } from "../core/errors.js";
import { outOfMemoryError, saysOutOfMemory } from "../core/outOfMemory.js";

/** How many lines of the log `Death` needs. */
export const DEATH_LINES = 200;

/** How a process ended and what is known about it. */
export interface Death {
  readonly code: number | null;
  readonly signal: string | null;
  /** The end of its log, long enough to hold what V8 writes before its native stack. */
  readonly logLines: readonly string[];
  /** What it was doing; null when idle. */
  readonly busyWith: string | null;
  /** It was this program that ended it. */
  readonly killed: boolean;
}

const SHOWN_LINES = 15;
/** What a request is called in a sentence. */
const DOING: Readonly<Record<string, string>> = {
  load: "the loading of the model",
  explain: "an explanation",
  explainToFile: "an explanation",
  explainAlternative: "the explanation of another token",
  generate: "an answer",
};
/** Windows: STATUS_NO_MEMORY and Chromium's own code for memory that ran out. */
const NO_MEMORY_CODES: ReadonlySet<number | null> = new Set([0xc0000017, 0xe0000008]);
/** How the system, or the allocator of Electron, ends a process that asks for more memory than there is. */
const NO_MEMORY_SIGNALS: ReadonlySet<string | null> = new Set(["SIGKILL", "SIGTRAP", "SIGILL"]);

/** `model-process-died` or `out-of-memory`: how the process ended, what it was doing and the end of its log. */
export function diedError(death: Death): DexarError {
  const { code, signal, logLines, busyWith, killed } = death;
  const how = signal !== null ? `signal ${signal}` : code !== null ? `exit code ${code}` : "it did not start";
  const doing = busyWith === null ? "" : ` during ${DOING[busyWith] ?? busyWith}`;
  const shown = logLines.slice(-SHOWN_LINES).map((line) => `  | ${line}`);
  const log = shown.length === 0 ? "" : `; end of its log:\n${shown.join("\n")}`;
  if (!killed && ranOutOfMemory(death)) {
    return outOfMemoryError(`in the model process, and it ended (${how})${doing}${log}`);
  }
  // SIGKILL nobody sent by hand is nearly always the system running out of memory.
  const nextStep =
    signal === "SIGKILL" && !killed
      ? "It was probably out of memory: close other programs or take a smaller model or dtype (q4)."
      : "Run it again; if it happens again, report it with this message.";
  return new DexarError("model-process-died", `The model process ended (${how})${doing}${log}`, nextStep);
}

function ranOutOfMemory({ code, signal, logLines, busyWith }: Death): boolean {
  if (NO_MEMORY_CODES.has(code) || saysOutOfMemory(logLines.join("\n"))) return true;
  // While a model is loaded there is hardly another reason.
  return busyWith === "load" && NO_MEMORY_SIGNALS.has(signal);
}
