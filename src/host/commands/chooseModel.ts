import path from "node:path";
import * as vscode from "vscode";
import { notAModel } from "../models/modelErrors.js";
import { BUNDLED_MODEL } from "../settings/readSettings.js";
import { exists, rememberFolder, usedFolders } from "./usedFolders.js";

interface ModelItem extends vscode.QuickPickItem {
  readonly choice: "bundled" | "browse" | { readonly folder: string };
}

/**
 * Asks for a model and writes it to the user's settings.
 * @param memory remembers the folders that were chosen
 * @throws DexarError `model-file-missing` when the folder is no model's
 */
export async function chooseModel(memory: vscode.Memento): Promise<void> {
  const chosen = await vscode.window.showQuickPick<ModelItem>(modelItems(memory), {
    title: vscode.l10n.t("Choose Model"),
    placeHolder: vscode.l10n.t("Which model explains the next picture?"),
    matchOnDescription: true,
  });
  if (!chosen) return;
  if (chosen.choice === "bundled") return setModelPath("");
  const folder = chosen.choice === "browse" ? await browse() : chosen.choice.folder;
  if (folder === null) return;
  if (!(await exists(path.join(folder, "config.json")))) throw notAModel(folder);
  await rememberFolder(memory, folder);
  await setModelPath(folder);
}

async function modelItems(memory: vscode.Memento): Promise<ModelItem[]> {
  const current = vscode.workspace.getConfiguration("dexar").get("model.path", "");
  const folders = await usedFolders(memory);
  const inUse = (value: string) => (value === current ? vscode.l10n.t("in use") : "");
  return [
    {
      label: BUNDLED_MODEL,
      iconPath: new vscode.ThemeIcon("package"),
      description: [vscode.l10n.t("comes with DEX-AR"), inUse("")].filter(Boolean).join(", "),
      choice: "bundled",
    },
    ...folders.map((folder) => ({
      label: path.basename(folder),
      iconPath: new vscode.ThemeIcon("folder"),
      description: inUse(folder),
      detail: folder,
      choice: { folder },
    })),
    {
      label: vscode.l10n.t("Open model folder…"),
      iconPath: new vscode.ThemeIcon("folder-opened"),
      detail: vscode.l10n.t("A folder in transformers.js layout: config.json, tokenizer.json, onnx/*.onnx"),
      choice: "browse",
    },
  ];
}

async function browse(): Promise<string | null> {
  const found = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Open Model Folder"),
    openLabel: vscode.l10n.t("Use Model"),
    canSelectFiles: false,
    canSelectFolders: true,
  });
  return found?.[0]?.fsPath ?? null;
}

async function setModelPath(folder: string): Promise<void> {
  const configuration = vscode.workspace.getConfiguration("dexar");
  await configuration.update(
    "model.path",
    folder === "" ? undefined : folder,
    vscode.ConfigurationTarget.Global,
  );
  const effective = vscode.workspace.getConfiguration("dexar").get("model.path", "");
  if (effective === folder) return;
  const open = vscode.l10n.t("Open Workspace Settings");
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      "Your choice is saved, but the settings of this workspace use another model: {0}",
      effective,
    ),
    open,
  );
  if (answer === open) {
    await vscode.commands.executeCommand("workbench.action.openWorkspaceSettings", "dexar.model.path");
  }
}
