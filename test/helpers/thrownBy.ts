import { DexarError } from "../../src/core/errors.js";

/** The DexarError that `action` throws; any other outcome is an error. */
export function thrownBy(action: () => unknown): DexarError {
  try {
    action();
  } catch (error) {
    if (error instanceof DexarError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
