import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import type { PanelViewState } from "../../protocol/panel.js";
import { shownFailure } from "../errors/shownFailure.js";
import { valuesOfRun } from "../prompts/asksTheSame.js";
import { runMissing } from "../runs/runMissing.js";
import type { RunEntry } from "../services.js";
import type { HostSettings } from "../settings/hostSettings.js";
import { defaultForm, readForm } from "./panelForm.js";
import type { PanelMemory, RememberedPanel } from "./panelMemory.js";
import type { PanelServices, PanelStart } from "./panelRun.js";
import { runStart } from "./runStart.js";

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
  const settings = readSettings();
  const known = rememberedAs(panel, entry, settings);
  const start = known ?? { image: vscode.Uri.file(title), form: defaultForm(settings), asked: null };
  return {
    key,
    start: {
      ...start,
      form: view.draft ?? start.form,
      runId: entry?.id ?? null,
      failure: failureOf(panel, known !== null, entry !== undefined),
    },
  };
}

/** What was asked, as the extension remembers the panel, or else as its run tells. */
function rememberedAs(
  panel: RememberedPanel | null,
  entry: RunEntry | undefined,
  settings: HostSettings,
): Pick<PanelStart, "image" | "form" | "asked" | "ran"> | null {
  if (panel === null) return entry ? runStart(entry, settings) : null;
  const { image, form, asked } = panel;
  const ran = entry && valuesOfRun(entry.saved.info);
  return { image: vscode.Uri.parse(image), form, asked, ...(ran && { ran }) };
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
