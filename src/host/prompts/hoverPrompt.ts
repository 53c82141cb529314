import * as vscode from "vscode";
import { parsePromptFile } from "../../core/prompts/parsePromptFile.js";
import { promptKey } from "../../core/prompts/promptKeys.js";
import type { PromptField, TextSpan } from "../../core/prompts/types.js";
import { formatBytes } from "../views/formatBytes.js";
import type { KnownModels } from "../services.js";
import type { HostSettings } from "../settings/hostSettings.js";
import { keyDocumentation } from "./keyHelp.js";
import { pictureUri } from "./pictureUri.js";
import { baseFolder } from "./promptDocument.js";
import { rangeOf } from "./showSource.js";

/** What hovers need to know. */
export interface HoverServices {
  readonly models: Pick<KnownModels, "resolve">;
  readonly settings: HostSettings;
}

/** Width of a picture in a hover, CSS pixels. */
const PICTURE_WIDTH = 200;

/** What a key, a model or a picture of the front matter is; null elsewhere. */
export async function hoverPrompt(
  document: vscode.TextDocument,
  position: vscode.Position,
  { models, settings }: HoverServices,
): Promise<vscode.Hover | null> {
  const text = document.getText();
  const offset = document.offsetAt(position);
  const { fields } = parsePromptFile(text);
  const at = (span: TextSpan): boolean => span[0] <= offset && offset <= span[1];
  const all: readonly PromptField<unknown>[] = Object.values(fields);
  const named = all.find(({ keySpan }) => at(keySpan));
  if (named) {
    const key = promptKey(text.slice(...named.keySpan));
    if (!key) return null;
    return new vscode.Hover(keyDocumentation(key, settings), rangeOf(document, named.keySpan));
  }
  const base = baseFolder(document.uri);
  const { model, images } = fields;
  if (model && at(model.valueSpan)) {
    const content = await aboutModel(model.value, base, models);
    return new vscode.Hover(content, rangeOf(document, model.valueSpan));
  }
  const item = images ? pictureSpans(images).findIndex(at) : -1;
  const written = images?.value[item];
  const span = images && pictureSpans(images)[item];
  if (written === undefined || !span) return null;
  const content = await aboutPicture(written, base);
  return content && new vscode.Hover(content, rangeOf(document, span));
}

/** Where each picture of the front matter is written. */
export function pictureSpans({ itemSpans, valueSpan }: PromptField<readonly string[]>): readonly TextSpan[] {
  return itemSpans ?? [valueSpan];
}

async function aboutModel(
  name: string,
  base: vscode.Uri | null,
  models: HoverServices["models"],
): Promise<vscode.MarkdownString> {
  const text = new vscode.MarkdownString();
  try {
    const model = await models.resolve(name, base);
    return text.appendMarkdown("**").appendText(model.name).appendMarkdown("**\n\n").appendText(model.dir);
  } catch (error) {
    return text.appendText(error instanceof Error ? error.message : String(error));
  }
}

/** The picture itself and its size; null when there is none, which a diagnostic says. */
async function aboutPicture(written: string, base: vscode.Uri | null): Promise<vscode.MarkdownString | null> {
  try {
    const uri = pictureUri(written, base);
    const { size, type } = await vscode.workspace.fs.stat(uri);
    if (size === 0 || type === vscode.FileType.Directory) return null;
    const address = uri.toString().replace(/[()|]/g, encodeURIComponent);
    return new vscode.MarkdownString()
      .appendText(`${vscode.workspace.asRelativePath(uri)}, ${formatBytes(size)}`)
      .appendMarkdown(`\n\n![](${address}|width=${PICTURE_WIDTH})`);
  } catch {
    return null;
  }
}
