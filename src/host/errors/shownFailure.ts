import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import type { ShownFailure } from "../../protocol/panel.js";
import { actionButton } from "./actionButton.js";
import { failureActions } from "./failureActions.js";

/** A failure with its buttons, as a panel shows it; anything but a DexarError gets the code `internal` and no stack. */
export function shownFailure(error: unknown): ShownFailure {
  const { code, message, nextStep } = error instanceof DexarError ? error : unexpected(error);
  const actions = failureActions(code).map((id) => ({ id, label: actionButton(id).label }));
  return { error: { code, message: withoutLog(message), nextStep }, actions };
}

/** The end of the process's log, which follows in its message, is in the log channel. */
function withoutLog(message: string): string {
  return message.replace(/; end of its log:\n[^]*$/, ".");
}

function unexpected(error: unknown): DexarError {
  return new DexarError(
    "internal",
    vscode.l10n.t(
      "Something unexpected went wrong: {0}",
      error instanceof Error ? error.message : String(error),
    ),
    vscode.l10n.t("The log says more. Please report it if it happens again."),
  );
}
