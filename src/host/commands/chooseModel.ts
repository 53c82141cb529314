import path from "node:path";
import * as vscode from "vscode";
import { notAModel } from "../models/modelErrors.js";
import type { ModelChoice } from "../services.js";
import { BUNDLED_MODEL } from "../settings/readSettings.js";
import { setModelPath } from "./setModelPath.js";
import { exists, rememberFolder, usedFolders } from "./usedFolders.js";

interface ModelItem extends vscode.QuickPickItem {
  readonly choice: "bundled" | "browse" | "get" | { readonly folder: string };
}

/**
 * Asks for a model and writes it to the user's settings.
 * @param memory remembers the folders that were chosen
 * @param usable downloaded models and those of the Hugging Face cache
 * @throws DexarError `model-file-missing` when the folder is no model's
 */
export async function chooseModel(
  memory: vscode.Memento,
  usable: () => Promise<readonly ModelChoice[]>,
): Promise<void> {
  const chosen = await vscode.window.showQuickPick<ModelItem>(modelItems(memory, usable), {
    title: vscode.l10n.t("Choose Model"),
    placeHolder: vscode.l10n.t("Which model explains the next picture?"),
    matchOnDescription: true,
  });
  if (!chosen) return;
  if (chosen.choice === "bundled") return setModelPath("");
  if (chosen.choice === "get") return void (await vscode.commands.executeCommand("dexar.models.focus"));
  const folder = chosen.choice === "browse" ? await browse() : chosen.choice.folder;
  if (folder === null) return;
  if (!(await exists(path.join(folder, "config.json")))) throw notAModel(folder);
  await rememberFolder(memory, folder);
  await setModelPath(folder);
}

async function modelItems(
  memory: vscode.Memento,
  usable: () => Promise<readonly ModelChoice[]>,
): Promise<ModelItem[]> {
  const current = vscode.workspace.getConfiguration("dexar").get("model.path", "");
  const models = await usable();
  const folders = (await usedFolders(memory)).filter((folder) => !models.some(({ dir }) => dir === folder));
  const inUse = (value: string) => (value === current ? vscode.l10n.t("in use") : "");
  return [
    {
      label: BUNDLED_MODEL,
      iconPath: new vscode.ThemeIcon("package"),
      description: [vscode.l10n.t("comes with DEX-AR"), inUse("")].filter(Boolean).join(", "),
      choice: "bundled",
    },
    ...models.map(({ name, dir }) => ({
      label: name,
      iconPath: new vscode.ThemeIcon("database"),
      description: inUse(dir),
      detail: dir,
      choice: { folder: dir },
    })),
    ...folders.map((folder) => ({
      label: path.basename(folder),
      iconPath: new vscode.ThemeIcon("folder"),
      description: inUse(folder),
      detail: folder,
      choice: { folder },
    })),
    {
      label: vscode.l10n.t("Get a model…"),
      iconPath: new vscode.ThemeIcon("cloud-download"),
      detail: vscode.l10n.t("Download a public model, or see what is on this machine"),
      choice: "get",
    },
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
