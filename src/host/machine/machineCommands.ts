import * as vscode from "vscode";
import type { CommandTable, GetServices } from "../commands/command.js";
import { OTHER_PICTURE } from "./inspectionIds.js";
import { inspectModel, inspectPicture, type InspectedFolder } from "./inspectModel.js";
import { showReport } from "./showReport.js";

/** What the machine has, and what is in a model folder. */
export function machineCommands(services: GetServices, { extension }: vscode.ExtensionContext): CommandTable {
  return {
    "dexar.doctor": () => showReport(services(), extension),
    "dexar.model.inspect": (given) => inspectModel(services(), folderOf(given)),
    [OTHER_PICTURE]: (given) => inspectPicture(services(), folderOf(given)),
  };
}

/** A folder of the explorer, or of a page's link; a row of the Model view names none. */
function folderOf(given: unknown): InspectedFolder {
  return given instanceof vscode.Uri || typeof given === "string" ? given : undefined;
}
