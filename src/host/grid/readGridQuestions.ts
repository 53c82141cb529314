import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { baseFolder, documentName, openDocument } from "../prompts/promptDocument.js";
import { promptQuestions } from "../prompts/promptQuestions.js";
import type { KnownModels, Question } from "../services.js";

/**
 * What a prompt file asks now (unsaved text too), one question for each of its pictures.
 * @throws DexarError `prompt-file-missing`, `no-images`, and what `promptQuestions` throws
 */
export async function readGridQuestions(
  file: vscode.Uri,
  models: Pick<KnownModels, "resolve">,
): Promise<readonly Question[]> {
  const document = await openDocument(file).then(
    (found) => found,
    (cause: unknown) => {
      throw new DexarError(
        "prompt-file-missing",
        vscode.l10n.t("The prompt file {0} cannot be read.", documentName(file)),
        vscode.l10n.t("Put it back, or open another prompt file."),
        { cause },
      );
    },
  );
  const { questions } = await promptQuestions(document.getText(), {
    source: { uri: file, version: document.version },
    base: baseFolder(file),
    models,
  });
  if (questions.length === 0)
    throw new DexarError(
      "no-images",
      vscode.l10n.t("{0} names no pictures.", documentName(file)),
      vscode.l10n.t("Write their paths under `images` in the front matter, one a line."),
    );
  return questions;
}
