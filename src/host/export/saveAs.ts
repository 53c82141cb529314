import path from "node:path";
import * as vscode from "vscode";
import { logError, type FailureLog } from "../errors/showError.js";
import { writeFailed } from "../writeFailed.js";
import { writeFileAtomically } from "../writeFileAtomically.js";

/** What a save dialog starts with. */
export interface SaveProposal {
  readonly title: string;
  /** The proposed place: folder and name. */
  readonly place: vscode.Uri;
  /** Endings by the name of their kind. */
  readonly filters: Readonly<Record<string, readonly string[]>>;
}

/**
 * Asks for a place and writes the content there; where that fails it says why and offers another place.
 * @returns the place, or null when the user gave up
 */
export async function saveAs(
  content: Uint8Array,
  proposal: SaveProposal,
  log: FailureLog,
): Promise<vscode.Uri | null> {
  const { title, place, filters } = proposal;
  const options = { title, filters: filters as Record<string, string[]> };
  for (;;) {
    const chosen = await vscode.window.showSaveDialog({ ...options, defaultUri: place });
    if (!chosen) return null;
    try {
      await write(chosen, content);
      return chosen;
    } catch (error) {
      logError(error, log);
      if (!(await wantsElsewhere(error))) return null;
    }
  }
}

/** @throws DexarError `output-write-failed` */
async function write(place: vscode.Uri, content: Uint8Array): Promise<void> {
  if (place.scheme === "file") return writeFileAtomically(place.fsPath, content);
  try {
    await vscode.workspace.fs.writeFile(place, content);
  } catch (cause) {
    throw writeFailed(path.posix.basename(place.path), cause);
  }
}

async function wantsElsewhere(error: unknown): Promise<boolean> {
  const elsewhere = vscode.l10n.t("Save Elsewhere…");
  const message = error instanceof Error ? error.message : String(error);
  const kept = vscode.l10n.t("{0} The run is not lost.", message);
  return (await vscode.window.showErrorMessage(kept, elsewhere)) === elsewhere;
}
