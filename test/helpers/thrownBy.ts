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

/** The DexarError that a promise rejects with; any other outcome is an error. */
export async function failureOf(promise: Promise<unknown>): Promise<DexarError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DexarError) return error;
    throw error;
  }
  throw new Error("it did not reject");
}

/** The code of the DexarError that a promise rejects with; any other outcome is an error. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await failureOf(promise)).code;
}
