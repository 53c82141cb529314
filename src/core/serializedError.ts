import { DexarError } from "./errors.js";

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

/** An error as it crosses the process border; anything but a DexarError gets the code `internal`. */
export function serializeError(error: unknown): SerializedError {
  if (error instanceof DexarError) {
    const { code, message, nextStep, stack } = error;
    return stack === undefined ? { code, message, nextStep } : { code, message, nextStep, stack };
  }
  if (error instanceof Error && error.name === "AbortError") return serializeError(cancelledError());
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  const plain = {
    code: "internal",
    message: `Unexpected failure in the model process: ${message}`,
    nextStep: "Please report it with the command, the model and this message.",
  };
  return stack === undefined ? plain : { ...plain, stack };
}

/** The DexarError again on the other side; the stack of the model process becomes its cause. */
export function deserializeError(error: SerializedError): DexarError {
  const cause = error.stack === undefined ? undefined : new Error(error.message);
  if (cause !== undefined && error.stack !== undefined) cause.stack = error.stack;
  return new DexarError(error.code, error.message, error.nextStep, cause === undefined ? {} : { cause });
}
