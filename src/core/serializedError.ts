import { DexarError } from "./errors.js";
import { outOfMemoryError, saysOutOfMemory } from "./outOfMemory.js";

/** An error as plain data, to cross a process or page border: DexarError's fields; unexpected failures have the code `internal`. */
export interface SerializedError {
  readonly code: string;
  readonly message: string;
  readonly nextStep: string;
  readonly stack?: string;
}

/** The error of work that was cancelled before anything was finished. */
export function cancelledError(): DexarError {
  return new DexarError("cancelled", "Cancelled before a token was finished.", "Run it again.");
}

/** Whether an error only says that the user cancelled. */
export function isCancelled(error: unknown): boolean {
  return error instanceof DexarError && error.code === "cancelled";
}

/** An error as it crosses the process border; anything but a DexarError gets the code `internal` or `out-of-memory`. */
export function serializeError(error: unknown): SerializedError {
  const { code, message, nextStep, stack } = dexarError(error);
  return stack === undefined ? { code, message, nextStep } : { code, message, nextStep, stack };
}

function dexarError(error: unknown): DexarError {
  if (error instanceof DexarError) return error;
  if (error instanceof Error && error.name === "AbortError") return cancelledError();
  const message = error instanceof Error ? error.message : String(error);
  const known = saysOutOfMemory(message)
    ? outOfMemoryError(`in the model process (${message})`, error)
    : new DexarError(
        "internal",
        `Unexpected failure in the model process: ${message}`,
        "Please report it with what you did, the model and this message.",
        { cause: error },
      );
  if (error instanceof Error && error.stack !== undefined) known.stack = error.stack;
  return known;
}

/** The DexarError again on the other side; the stack of the model process becomes its cause. */
export function deserializeError(error: SerializedError): DexarError {
  const cause = error.stack === undefined ? undefined : new Error(error.message);
  if (cause !== undefined && error.stack !== undefined) cause.stack = error.stack;
  return new DexarError(error.code, error.message, error.nextStep, cause === undefined ? {} : { cause });
}
