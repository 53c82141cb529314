import * as vscode from "vscode";
import type { Services } from "../services.js";
import { chooseModel } from "./chooseModel.js";
import type { CommandTable, GetServices } from "./command.js";
import { modelMenu } from "./modelMenu.js";
import { withProgress } from "./withProgress.js";

/** The model process and the settings. */
export function modelCommands(services: GetServices, context: vscode.ExtensionContext): CommandTable {
  return {
    "dexar.model.menu": () => modelMenu(services()),
    "dexar.model.start": () => startModel(services()),
    "dexar.model.stop": () => services().model.stop(),
    "dexar.model.restart": () => restartModel(services()),
    "dexar.model.showLog": () => services().model.log.show(true),
    "dexar.model.choose": () => chooseModel(context.globalState, () => services().library.usable()),
    "dexar.openSettings": () =>
      vscode.commands.executeCommand("workbench.action.openSettings", `@ext:${context.extension.id}`),
  };
}

async function startModel({ model }: Services): Promise<void> {
  const title = vscode.l10n.t("Starting the model {0}", model.status.name);
  await withProgress(title, async (signal) => model.start(signal));
}

async function restartModel({ model }: Services): Promise<void> {
  await withProgress(vscode.l10n.t("Restarting the model {0}", model.status.name), async (signal) => {
    await model.stop();
    await model.start(signal);
  });
}
