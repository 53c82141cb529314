import { DexarError } from "../core/errors.js";

/** `model-process-died`: how the process ended, what it was doing and the end of its log. */
export function diedError(
  code: number | null,
  signal: string | null,
  logLines: readonly string[],
  busyWith: string | null,
): DexarError {
  const how = signal !== null ? `signal ${signal}` : code !== null ? `exit code ${code}` : "it did not start";
  const doing = busyWith === null ? "" : ` during ${busyWith}`;
  const log =
    logLines.length === 0 ? "" : `; end of its log:\n${logLines.map((line) => `  | ${line}`).join("\n")}`;
  // SIGKILL nobody sent by hand is nearly always the system running out of memory.
  const nextStep =
    signal === "SIGKILL"
      ? "It was probably out of memory: close other programs or take a smaller model or dtype (--dtype q4)."
      : "Run it again; if it happens again, report it with this message.";
  return new DexarError("model-process-died", `The model process ended (${how})${doing}${log}`, nextStep);
}
