import * as vscode from "vscode";
import { answerText } from "../../core/run/answerText.js";
import { runTitle, type RunEntry } from "../services.js";
import { formatBytes } from "./formatBytes.js";
import { formatTime } from "./formatTime.js";

const THUMBNAIL_WIDTH = 240;

/**
 * What one wants to know of a run before opening it: thumbnail, model, question, answer.
 * @param summary of its tokens; null when it could not be made
 */
export function runTooltip(entry: RunEntry, summary: string | null): vscode.MarkdownString {
  const { info, picturePath, bytes } = entry.saved;
  const text = new vscode.MarkdownString("", true);
  text.appendMarkdown(`**`).appendText(runTitle(entry)).appendMarkdown(`**\n\n`);
  text.appendMarkdown(`![](${vscode.Uri.file(picturePath).toString()}|width=${THUMBNAIL_WIDTH})\n\n`);
  const line = (icon: string, value: string): void => {
    text.appendMarkdown(`$(${icon}) `).appendText(value).appendMarkdown("\n\n");
  };
  line("comment", info.prompt.text.trim());
  line("sparkle", answerText(info) || vscode.l10n.t("(no answer)"));
  if (summary !== null) line("eye", summary);
  line("symbol-class", `${info.model.name}, ${info.model.dtype}, ${info.model.device}`);
  line("file", `${formatTime(info.time, new Date())}, ${formatBytes(bytes)}`);
  if (info.partial) line("warning", vscode.l10n.t("Stopped before the answer was complete."));
  return text;
}
