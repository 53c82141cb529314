import * as vscode from "vscode";
import { documentName, PROMPT_LANGUAGE } from "../prompts/promptDocument.js";
import { showSource } from "../prompts/showSource.js";
import { findPrompt } from "../runs/findPrompt.js";
import { promptOfRun } from "../runs/promptOfRun.js";
import type { RunEntry } from "../services.js";

/**
 * Opens the prompt of a run: its own file with the words selected; where file or words are gone, says so and opens a
 * new prompt file with the run's question.
 */
export async function openPromptOfRun({ source, image, saved: { info } }: RunEntry): Promise<void> {
  if (source) {
    const found = await findPrompt(source, info.prompt.text);
    if (found.kind === "found") return showSource(found.uri, { whole: false, span: found.span });
    const name = documentName(source.uri);
    // Not awaited: the message may stay for long, the prompt is opened.
    void vscode.window.showInformationMessage(
      found.kind === "gone"
        ? vscode.l10n.t("{0} is not there any more. This is the prompt as the run has it.", name)
        : vscode.l10n.t("{0} has other words now. This is the prompt as the run has it.", name),
    );
  }
  const content = promptOfRun(info, writtenPath(image));
  const document = await vscode.workspace.openTextDocument({ language: PROMPT_LANGUAGE, content });
  await vscode.window.showTextDocument(document, { preview: false });
}

/** A new file has no folder yet: its relative paths start in the workspace's first one. */
function writtenPath(image: vscode.Uri): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const isInside = folder?.scheme === image.scheme && image.path.startsWith(`${folder.path}/`);
  if (isInside) return image.path.slice(folder.path.length + 1);
  return image.scheme === "file" ? image.fsPath : image.toString();
}
