import path from "node:path";
import * as vscode from "vscode";
import { modelName } from "../../core/modelName.js";
import { anyonesModels, namedModel } from "../../hub/namedModel.js";
import type { KnownModels, ModelChoice } from "../services.js";
import { absolutePath } from "../settings/absolutePath.js";
import type { ReadSettings } from "../settings/hostSettings.js";
import * as errors from "./modelErrors.js";
import { folderKind, modelsIn } from "./modelFolders.js";

export type { KnownModels } from "../services.js";

/** Where models are looked for. */
export interface ModelPlaces {
  /** The extension's own models, a folder each. */
  readonly bundled: string;
  readonly readSettings: ReadSettings;
  /** Model folders that the user chose before (`commands/usedFolders.ts`). */
  readonly usedFolders: () => Promise<readonly string[]>;
  /** Downloaded models and those of the Hugging Face cache, whole ones. */
  readonly hubModels: () => Promise<readonly ModelChoice[]>;
}

/** The models of this machine that the extension knows: its own, the user's, and what lies beside those. */
export class ModelsOfMachine implements KnownModels {
  constructor(private readonly places: ModelPlaces) {}

  async list(): Promise<ModelChoice[]> {
    const { bundled, readSettings, usedFolders, hubModels } = this.places;
    const own = await modelsIn(bundled);
    const chosen = await existing([readSettings().model.dir, ...(await usedFolders())]);
    const beside = vscode.workspace.isTrusted ? await besideThese(chosen, bundled) : [];
    const ofHub = await hubModels();
    const folders = [...new Set([...own, ...chosen, ...ofHub.map(({ dir }) => dir), ...beside])];
    return folders.map((dir) => ofHub.find((model) => model.dir === dir) ?? choiceOf(dir));
  }

  async resolve(nameOrFolder: string, base: vscode.Uri | null): Promise<ModelChoice> {
    const name = nameOrFolder.trim();
    const known = await this.list();
    const dir = absolutePath(name, base?.scheme === "file" ? base.fsPath : null);
    const found = namedModel(known, name) ?? known.find((model) => model.dir === dir);
    if (found) return found;
    const kind = dir === null ? "missing" : await folderKind(dir);
    if (kind === "missing" && !isPath(name)) return onlyOne(name, known);
    if (dir === null) throw errors.noBase(name);
    // Before anything of the folder is told: what lies outside is not the workspace's business.
    if (!vscode.workspace.isTrusted) throw errors.notTrusted(name, known);
    switch (kind) {
      case "model":
        return choiceOf(dir);
      case "folder":
        throw errors.notAModel(dir);
      case "file":
        throw errors.isFile(dir);
      case "missing":
        throw errors.noFolder(dir, known);
    }
  }
}

/** The one model of the hub that is called so, whoever its owner is. @throws DexarError `model-not-found` */
function onlyOne(name: string, known: readonly ModelChoice[]): ModelChoice {
  const [found, ...others] = anyonesModels(known, name);
  if (found === undefined || others.length > 0) throw errors.unknownModel(name, known);
  return found;
}

function choiceOf(dir: string): ModelChoice {
  return { name: modelName(dir), dir };
}

function isPath(text: string): boolean {
  return /[/\\]/.test(text) || text.startsWith("~") || /^\.+$/.test(text);
}

async function existing(folders: readonly string[]): Promise<readonly string[]> {
  const kinds = await Promise.all(folders.map(folderKind));
  return folders.filter((_, index) => kinds[index] === "model");
}

async function besideThese(folders: readonly string[], bundled: string): Promise<readonly string[]> {
  const parents = new Set(folders.map((folder) => path.dirname(folder)));
  parents.delete(bundled);
  return (await Promise.all([...parents].map(modelsIn))).flat();
}
