import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import type { ModelChoice } from "../services.js";

/** `model-not-found`: nothing is known by this name. */
export function unknownModel(name: string, known: readonly ModelChoice[]): DexarError {
  return new DexarError(
    "model-not-found",
    vscode.l10n.t("There is no model {0}. Known models: {1}.", name, names(known)),
    vscode.l10n.t("Write one of these names, or the path of a model folder."),
  );
}

/** `model-not-found`: a path that leads nowhere. */
export function noFolder(dir: string, known: readonly ModelChoice[]): DexarError {
  return new DexarError(
    "model-not-found",
    vscode.l10n.t("There is no model folder {0}. Known models: {1}.", dir, names(known)),
    vscode.l10n.t("Correct the path, or write the name of a known model."),
  );
}

/** `model-not-found`: a path to a file. */
export function isFile(file: string): DexarError {
  return new DexarError(
    "model-not-found",
    vscode.l10n.t("{0} is a file, not the folder of a model.", file),
    vscode.l10n.t("Name the folder that holds config.json."),
  );
}

/** `model-file-missing`: a folder without `config.json`. */
export function notAModel(folder: string): DexarError {
  return new DexarError(
    "model-file-missing",
    vscode.l10n.t("The folder {0} holds no model: it has no config.json.", folder),
    vscode.l10n.t("Choose a folder with a vision-language model in transformers.js layout."),
  );
}

/** `model-not-found`: a relative path in a text that lies in no folder of this machine. */
export function noBase(name: string): DexarError {
  return new DexarError(
    "model-not-found",
    vscode.l10n.t("The model path {0} is relative, and the file it stands in has no folder here.", name),
    vscode.l10n.t("Write the model's name, or an absolute path."),
  );
}

/** `model-not-trusted`: a folder that a file of an untrusted workspace names. */
export function notTrusted(name: string, known: readonly ModelChoice[]): DexarError {
  return new DexarError(
    "model-not-trusted",
    vscode.l10n.t("This workspace is not trusted, so its files may not choose the model folder {0}.", name),
    vscode.l10n.t("Trust the workspace, or write the name of a known model: {0}.", names(known)),
  );
}

function names(known: readonly ModelChoice[]): string {
  return [...new Set(known.map(({ name }) => name))].join(", ");
}
