import * as vscode from "vscode";
import type { PanelCommand } from "../../protocol/panel.js";
import type { Services } from "../services.js";
import type { CommandHandler, CommandTable, GetServices } from "./command.js";
import { explainImages } from "./explainImages.js";

/** The picture that shows what the extension does, the same one as in README. */
export const SAMPLE_PICTURE = ["examples", "burger-and-ghost-and-butterfly.png"] as const;

/** Explaining, stopping, and what acts on the panel in front. */
export function explainCommands(services: GetServices, extensionUri: vscode.Uri): CommandTable {
  return {
    "dexar.explainImage": (...args) => explainImages(services(), args),
    "dexar.explainSample": () =>
      explainImages(services(), [vscode.Uri.joinPath(extensionUri, ...SAMPLE_PICTURE)]),
    "dexar.explainAgain": async () => {
      if (!services().panels.again()) await explainImages(services(), []);
    },
    "dexar.stop": () => services().panels.stop(false),
    "dexar.stopAll": () => {
      services().panels.stop(true);
      services().grids.stop();
    },
    "dexar.openPanel": () => openPanel(services()),
    "dexar.panel.nextToken": toPanel(services, "nextToken"),
    "dexar.panel.previousToken": toPanel(services, "previousToken"),
    "dexar.panel.wholeAnswer": toPanel(services, "wholeAnswer"),
    "dexar.panel.focusPrompt": toPanel(services, "focusPrompt"),
    "dexar.panel.resetFilter": toPanel(services, "resetFilter"),
    "dexar.panel.copyPicture": toPanel(services, "copyPicture"),
    "dexar.panel.exportPng": toPanel(services, "exportPng"),
    "dexar.panel.exportSvg": toPanel(services, "exportSvg"),
    "dexar.panel.exportJson": toPanel(services, "exportJson"),
    "dexar.panel.exportRun": toPanel(services, "exportRun"),
    "dexar.panel.exportHtml": toPanel(services, "exportHtml"),
  };
}

/** The panel used last, else the newest run, else a picture to begin with. */
async function openPanel(services: Services): Promise<void> {
  if (services.panels.reveal()) return;
  await services.runs.ready;
  const [newest] = services.runs.entries;
  if (newest) await services.panels.openRun(newest.id);
  else await explainImages(services, []);
}

function toPanel(services: GetServices, command: PanelCommand): CommandHandler {
  return async () => {
    const { panels, runEditors } = services();
    if (runEditors.command(command)) return;
    if (panels.command(command) || (panels.reveal() && panels.command(command))) return;
    const explain = vscode.l10n.t("Explain a Picture");
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t("There is no panel to do this in. Explain a picture or open a run first."),
      explain,
    );
    if (answer === explain) await explainImages(services(), []);
  };
}
