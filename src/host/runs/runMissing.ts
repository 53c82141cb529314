import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";

/** `run-missing`: a run that is not kept any more, or whose file cannot be read. */
export function runMissing(cause?: unknown): DexarError {
  return new DexarError(
    "run-missing",
    vscode.l10n.t("This run is not kept any more, or its file is damaged."),
    vscode.l10n.t("Run it again."),
    cause === undefined ? {} : { cause },
  );
}
