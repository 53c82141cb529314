import * as vscode from "vscode";
import type { RunModel } from "../../core/run/types.js";
import type { RunModels } from "../models/runModels.js";
import type { ModelChoice } from "../services.js";

/**
 * The model to ask a run's question again with: its own; where that is not known, what the user says.
 * @param current the settings' model as it is at each call
 * @returns null for the settings' model, undefined when the user changed their mind
 */
export async function modelForRun(
  model: RunModel,
  runModels: Pick<RunModels, "find">,
  current: () => ModelChoice,
): Promise<ModelChoice | null | undefined> {
  const found = await runModels.find(model);
  if (found !== null) return found;
  const before = current();
  const use = vscode.l10n.t("Use the Current Model ({0})", before.name);
  const choose = vscode.l10n.t("Choose Model…");
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      "This run was made with the model {0} ({1}), which is not known on this computer.",
      model.name,
      model.dtype,
    ),
    { modal: true, detail: detail() },
    use,
    choose,
  );
  if (answer === use) return null;
  if (answer !== choose) return undefined;
  await vscode.commands.executeCommand("dexar.model.choose");
  const chosen = await runModels.find(model);
  return chosen ?? (current().dir === before.dir ? undefined : null);
}

function detail(): string {
  return vscode.l10n.t(
    "If you have its folder, choose it. Another model gives another answer, and its layers and heads cannot be compared with these.",
  );
}
