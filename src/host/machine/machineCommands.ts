import * as vscode from "vscode";
import type { CommandTable, GetServices } from "../commands/command.js";
import type { ModelNode } from "../views/modelsView.js";
import { OTHER_PICTURE } from "./inspectionIds.js";
import { InspectionPages } from "./inspectionPages.js";
import { inspectModel, inspectPicture, type InspectedFolder } from "./inspectModel.js";
import { showReport } from "./showReport.js";

/** What the machine has, and what is in a model folder. */
export function machineCommands(
  services: GetServices,
  { extension, extensionUri }: vscode.ExtensionContext,
): CommandTable {
  const pages = new InspectionPages(extensionUri);
  return {
    "dexar.doctor": () => showReport(services(), extension),
    "dexar.model.inspect": (given) => inspectModel(services(), pages, folderOf(given)),
    [OTHER_PICTURE]: (given) => inspectPicture(services(), pages, folderOf(given)),
  };
}

/** A folder of the explorer, of a page's link or of the Models view; a row of the Model view names none. */
function folderOf(given: unknown): InspectedFolder {
  if (given instanceof vscode.Uri || typeof given === "string") return given;
  return isModelNode(given) ? (given.model.dir ?? undefined) : undefined;
}

function isModelNode(given: unknown): given is ModelNode {
  return typeof given === "object" && given !== null && "model" in given;
}
