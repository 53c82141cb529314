import * as vscode from "vscode";
import { isPromptDocument } from "../prompts/promptDocument.js";
import type { Services } from "../services.js";
import type { CommandTable, GetServices } from "./command.js";

const SETTING = "promptFile.tint";

/** The tint of prompts in the editor, and the results of files with several pictures. */
export function tintCommands(services: GetServices): CommandTable {
  return {
    "dexar.prompt.toggleTint": (file) => toggleTint(services(), file),
    "dexar.prompt.showTint": () => setTint(() => true),
    "dexar.prompt.hideTint": () => setTint(() => false),
    "dexar.prompt.showWord": async (runId, position) => {
      if (typeof runId === "string" && typeof position === "number")
        await services().panels.showWord(runId, position);
    },
    "dexar.prompt.runOnImages": async (file) => {
      const chosen = file instanceof vscode.Uri ? file : activePromptFile();
      if (chosen) return services().grids.run(chosen);
      await vscode.window.showInformationMessage(
        vscode.l10n.t("Open a prompt file (*.vlm.md) with several pictures first."),
      );
    },
  };
}

/** Hides the tint where it is seen; else shows it, by the file's last run when nothing else has tinted its words. */
async function toggleTint({ promptTint, runs }: Services, clicked: unknown): Promise<void> {
  const file = clicked instanceof vscode.Uri ? clicked : vscode.window.activeTextEditor?.document.uri;
  if (file === undefined) return setTint((present) => !present);
  if (promptTint.isTinted(file)) return setTint(() => false);
  await runs.ready;
  const last = runs.entries.find(({ source }) => source?.uri.toString() === file.toString());
  if (!last) return setTint((present) => !present);
  await setTint(() => true);
  if (promptTint.isTinted(file)) return;
  await promptTint.showAnswer(file.toString(), last);
  if (promptTint.isTinted(file)) return;
  await vscode.window.showInformationMessage(
    vscode.l10n.t("The words were edited since their last run. Run them again to see which of them won."),
  );
}

async function setTint(next: (present: boolean) => boolean): Promise<void> {
  const settings = vscode.workspace.getConfiguration("dexar");
  const present = settings.get(SETTING, true);
  // Where it is set already, so that it takes effect; else for the user.
  const isOfWorkspace = settings.inspect(SETTING)?.workspaceValue !== undefined;
  const target = isOfWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await settings.update(SETTING, next(present), target);
}

function activePromptFile(): vscode.Uri | null {
  const document = vscode.window.activeTextEditor?.document;
  return document && isPromptDocument(document) ? document.uri : null;
}
