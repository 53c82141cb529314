import path from "node:path";
import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { parsePromptFile } from "../../core/prompts/parsePromptFile.js";
import { pickImages } from "../commands/pickImages.js";
import type { Services } from "../services.js";
import { addPicture, picturePath } from "./picturePath.js";
import { baseFolder, documentName } from "./promptDocument.js";
import { promptQuestions, type PromptQuestions } from "./promptQuestions.js";
import { showSource } from "./showSource.js";

type RunServices = Pick<Services, "panels" | "models">;

/** Pictures chosen in this session for prompt files that name none, by the file's address. */
export type ChosenPictures = Map<string, vscode.Uri>;

/**
 * Runs a prompt file: in a panel, several pictures as a grid; asks for a picture when none is named.
 * @throws DexarError what `promptQuestions` throws; the place of what is wrong is shown then
 */
export async function runPrompt(
  document: vscode.TextDocument,
  services: RunServices,
  chosen: ChosenPictures,
): Promise<void> {
  const { questions } = await readQuestions(document, services);
  if (questions.length > 1) return void (await runOnImages(document));
  const [question] = questions;
  if (question) return services.panels.ask(question);
  const key = document.uri.toString();
  const known = chosen.get(key);
  const [image] = known ? [known] : await pickImages();
  if (!image) return;
  chosen.set(key, image);
  await askAbout(document, [image], services);
  if (!known) void offerToAdd(document, image);
}

/** Asks a prompt file about pictures that are chosen now; the file stays as it is. */
export async function explainOnImage(document: vscode.TextDocument, services: RunServices): Promise<void> {
  // What is wrong with the file is said before anything is asked.
  await readQuestions(document, services);
  await askAbout(document, await pickImages(), services);
}

/** Asks a prompt file about one of its own pictures. */
export async function explainOne(document: vscode.TextDocument, services: RunServices): Promise<void> {
  const { questions } = await readQuestions(document, services);
  const base = baseFolder(document.uri);
  const items = questions.map((question) => ({
    label: path.posix.basename(question.image.path),
    iconPath: new vscode.ThemeIcon("file-media"),
    description: picturePath(question.image, base),
    question,
  }));
  const title = vscode.l10n.t("Explain {0}", documentName(document.uri));
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: vscode.l10n.t("Which picture?"),
  });
  if (picked) await services.panels.ask(picked.question);
}

/** Reads a document's questions; what is wrong in it is selected before it is thrown. */
async function readQuestions(
  document: vscode.TextDocument,
  { models }: Pick<RunServices, "models">,
  images?: readonly vscode.Uri[],
): Promise<PromptQuestions> {
  const { uri, version } = document;
  const text = document.getText();
  try {
    const context = { source: { uri, version }, base: baseFolder(uri), models };
    return await promptQuestions(text, { ...context, ...(images && { images }) });
  } catch (error) {
    const problem = parsePromptFile(text).problems.find(({ severity }) => severity === "error");
    const isHere = error instanceof DexarError && error.code === "prompt-file-broken";
    if (isHere && problem) await showSource(uri, { whole: false, span: problem.span });
    throw error;
  }
}

async function askAbout(
  document: vscode.TextDocument,
  images: readonly vscode.Uri[],
  services: RunServices,
): Promise<void> {
  if (images.length === 0) return;
  const { questions } = await readQuestions(document, services, images);
  for (const question of questions) await services.panels.ask(question);
}

function runOnImages({ uri }: vscode.TextDocument): Thenable<unknown> {
  return vscode.commands.executeCommand("dexar.prompt.runOnImages", uri);
}

async function offerToAdd(document: vscode.TextDocument, image: vscode.Uri): Promise<void> {
  const add = vscode.l10n.t("Add to Front Matter");
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      "{0} names no picture: it is asked about {1} until the window closes.",
      documentName(document.uri),
      path.posix.basename(image.path),
    ),
    add,
  );
  if (answer === add) await addPicture(document, image);
}
