import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { nearestWord } from "../../core/prompts/nearestWord.js";
import { parsePromptFile } from "../../core/prompts/parsePromptFile.js";
import type { PromptFile, TextSpan } from "../../core/prompts/types.js";
import { isImage } from "../commands/imageTypes.js";
import type { KnownModels } from "../services.js";
import { pictureSpans } from "./hoverPrompt.js";
import { pictureUri } from "./pictureUri.js";
import { problemText } from "./problemText.js";

/** Something wrong with a prompt file, as the editor marks it. */
export interface PromptFinding {
  readonly severity: "error" | "warning";
  readonly span: TextSpan;
  /** As of `PromptProblem` or DexarError. */
  readonly code: string;
  readonly message: string;
  /** What may stand there instead, as a value. */
  readonly suggestion: string | null;
}

/** All that is wrong with a prompt file, its pictures and its model looked up. @param base folder of relative paths */
export async function checkPrompt(
  text: string,
  base: vscode.Uri | null,
  models: KnownModels,
): Promise<readonly PromptFinding[]> {
  const file = parsePromptFile(text);
  const found = await Promise.all([checkModel(file, base, models), ...checkPictures(file, base)]);
  return [...file.problems.map(findingOf), ...found.filter((finding) => finding !== null)];
}

function findingOf(problem: PromptFile["problems"][number]): PromptFinding {
  const { severity, span, code } = problem;
  const { message, nextStep } = problemText(problem);
  const suggestion = "suggestion" in problem ? problem.suggestion : null;
  return { severity, span, code, message: `${message} ${nextStep}`, suggestion };
}

async function checkModel(
  { fields }: PromptFile,
  base: vscode.Uri | null,
  models: KnownModels,
): Promise<PromptFinding | null> {
  if (!fields.model) return null;
  const { value, valueSpan } = fields.model;
  try {
    await models.resolve(value, base);
    return null;
  } catch (error) {
    const names = (await models.list()).map(({ name }) => name);
    return failure(error, valueSpan, nearestWord(value, names));
  }
}

function checkPictures({ fields }: PromptFile, base: vscode.Uri | null): Promise<PromptFinding | null>[] {
  const given = [fields.images, fields.with_images].filter((images) => images !== undefined);
  return given.flatMap((images) =>
    pictureSpans(images).flatMap((span, index) => {
      const written = images.value[index];
      return written === undefined ? [] : [checkPicture(written, span, base)];
    }),
  );
}

async function checkPicture(
  written: string,
  span: TextSpan,
  base: vscode.Uri | null,
): Promise<PromptFinding | null> {
  try {
    const uri = pictureUri(written, base);
    const stats = await vscode.workspace.fs.stat(uri).then(
      (found) => found,
      () => null,
    );
    if (stats === null) return failure(notFound(written), span, await nearName(written, uri));
    if ((stats.type & vscode.FileType.Directory) !== 0) return failure(isFolder(written), span, null);
    return stats.size === 0 ? failure(isEmpty(written), span, null) : null;
  } catch (error) {
    return failure(error, span, null);
  }
}

/** The path with the name of a picture in that folder that is nearly the same. */
async function nearName(written: string, uri: vscode.Uri): Promise<string | null> {
  try {
    const entries = await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(uri, ".."));
    const names = entries.map(([name]) => name).filter((name) => isImage({ path: name }));
    const end = written.lastIndexOf("/") + 1;
    const near = nearestWord(written.slice(end), names);
    return near === null ? null : written.slice(0, end) + near;
  } catch {
    return null;
  }
}

function failure(error: unknown, span: TextSpan, suggestion: string | null): PromptFinding {
  if (!(error instanceof DexarError)) throw error;
  const { code, message, nextStep } = error;
  const text = suggestion === null ? nextStep : vscode.l10n.t('Did you mean "{0}"?', suggestion);
  return { severity: "error", span, code, message: `${message} ${text}`, suggestion };
}

function notFound(written: string): DexarError {
  return new DexarError(
    "image-not-found",
    vscode.l10n.t("There is no picture {0}.", written),
    vscode.l10n.t("Correct the path; it starts in the folder of this file."),
  );
}

function isFolder(written: string): DexarError {
  return new DexarError(
    "image-is-folder",
    vscode.l10n.t("{0} is a folder, not a picture.", written),
    vscode.l10n.t("Name a picture in it."),
  );
}

function isEmpty(written: string): DexarError {
  return new DexarError(
    "image-empty",
    vscode.l10n.t("The picture {0} is empty: it has 0 bytes.", written),
    vscode.l10n.t("Put the picture there again, or name another one."),
  );
}
