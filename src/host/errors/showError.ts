import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { isCancelled } from "../../core/serializedError.js";
import { actionButton } from "./actionButton.js";
import { shownFailure } from "./shownFailure.js";

/** Where the details of a failure go: the stack and the message as thrown. */
export type FailureLog = Pick<vscode.LogOutputChannel, "error" | "warn">;

/**
 * Shows a failure as a message with what to do next and buttons that do it, and logs its details. What the user
 * cancelled is no failure. Waits until the message is gone.
 */
export async function showError(error: unknown, log: FailureLog): Promise<void> {
  if (wasCancelled(error)) return;
  logError(error, log);
  const { error: shown, actions } = shownFailure(error);
  const chosen = await vscode.window.showErrorMessage(
    `${firstLine(shown.message)} ${shown.nextStep}`,
    ...actions.map(({ label }) => label),
  );
  const action = actions.find(({ label }) => label === chosen);
  if (action) await vscode.commands.executeCommand(actionButton(action.id).command);
}

/** Writes a failure to the log: one line when it is known, the stack too when it was not expected. */
export function logError(error: unknown, log: FailureLog): void {
  if (error instanceof DexarError) log.warn(`${error.code}: ${error.message} ${error.nextStep}`);
  else log.error(error instanceof Error ? error : String(error));
}

/** The end of the process's log, which follows in its message, is in the log channel. */
function firstLine(message: string): string {
  const [first = ""] = message.split("\n");
  return first.replace(/; end of its log:$/, ".");
}

function wasCancelled(error: unknown): boolean {
  if (isCancelled(error) || error instanceof vscode.CancellationError) return true;
  return error instanceof Error && error.name === "AbortError";
}
