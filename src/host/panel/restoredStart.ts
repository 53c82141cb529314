import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import type { PanelViewState } from "../../protocol/panel.js";
import { shownFailure } from "../errors/shownFailure.js";
import { runMissing } from "../runs/runMissing.js";
import { defaultForm, readForm } from "./panelForm.js";
import type { PanelMemory, RememberedPanel } from "./panelMemory.js";
import type { PanelServices, PanelStart } from "./panelRun.js";

/** What a panel had before the window was reloaded, from what its page and the extension remember. */
export function restoredStart(
  title: string,
  state: unknown,
  { memory, runs, readSettings }: PanelServices & { readonly memory: PanelMemory },
): { readonly key: string; readonly start: PanelStart } {
  const view = readState(state);
  const { key, panel } = memory.claim(title, view.runId) ?? { key: memory.newKey(), panel: null };
  const runId = view.runId ?? panel?.runId ?? null;
  const entry = runId === null ? undefined : runs.get(runId);
  const image = panel === null ? entry?.image : vscode.Uri.parse(panel.image);
  const start: PanelStart = {
    image: image ?? vscode.Uri.file(title),
    form: view.draft ?? panel?.form ?? defaultForm(readSettings()),
    runId: entry?.id ?? null,
    failure: failureOf(panel, image !== undefined, entry !== undefined),
  };
  return { key, start };
}

/** The part of a page's state that concerns the extension. */
function readState(state: unknown): Pick<PanelViewState, "runId" | "draft"> {
  if (typeof state !== "object" || state === null) return { runId: null, draft: null };
  const { runId, draft } = state as Record<string, unknown>;
  return { runId: typeof runId === "string" ? runId : null, draft: readForm(draft) };
}

/** What has to be said of a restored panel; nothing when its run is there. */
function failureOf(panel: RememberedPanel | null, hasImage: boolean, hasRun: boolean): PanelStart["failure"] {
  if (panel?.running === true) return shownFailure(interrupted());
  if (hasRun) return null;
  return shownFailure(hasImage ? runMissing() : forgotten());
}

function interrupted(): DexarError {
  return new DexarError(
    "interrupted",
    vscode.l10n.t("The window was reloaded while this picture was being explained."),
    vscode.l10n.t("Run it again."),
  );
}

function forgotten(): DexarError {
  return new DexarError(
    "panel-forgotten",
    vscode.l10n.t("What this panel has shown is not kept any more."),
    vscode.l10n.t("Choose a picture to explain."),
  );
}
