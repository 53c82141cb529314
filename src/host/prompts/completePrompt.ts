import * as vscode from "vscode";
import { PROMPT_KEYS, promptKey, type PromptKey } from "../../core/prompts/promptKeys.js";
import { isImage } from "../commands/imageTypes.js";
import type { KnownModels } from "../services.js";
import type { HostSettings } from "../settings/hostSettings.js";
import { frontMatterPlace, type FrontMatterPlace } from "./frontMatterLine.js";
import { keyDocumentation } from "./keyHelp.js";
import { pictureUri } from "./pictureUri.js";
import { baseFolder } from "./promptDocument.js";
import { yamlText } from "./yamlText.js";

/** What completion needs to know. */
export interface CompletionServices {
  readonly models: Pick<KnownModels, "list">;
  readonly settings: HostSettings;
}

/** Of a folder with more entries than this, only the first are offered. */
const MOST_ENTRIES = 500;
const SUGGEST_AGAIN: vscode.Command = { command: "editor.action.triggerSuggest", title: "" };

type ValuePlace = Extract<FrontMatterPlace, { kind: "value" }>;

/** What can be written at a place of a prompt file's front matter. */
export async function completePrompt(
  document: vscode.TextDocument,
  position: vscode.Position,
  { models, settings }: CompletionServices,
): Promise<vscode.CompletionItem[]> {
  const place = frontMatterPlace(document.getText(), document.offsetAt(position));
  if (place === null) return [];
  const range = new vscode.Range(document.positionAt(place.from), position);
  if (place.kind === "key") return unusedKeys(place.used).map((key) => keyItem(key, range, settings));
  const key = promptKey(place.key);
  switch (key?.kind) {
    case "choice":
      return key.choices.map((choice) => valueItem(choice, range, vscode.CompletionItemKind.EnumMember));
    case "model":
      return (await models.list()).map(({ name, dir }) => ({
        ...valueItem(yamlText(name), range, vscode.CompletionItemKind.Module),
        detail: dir,
      }));
    case "path":
    case "paths":
      return pathItems(place, range, baseFolder(document.uri));
    default:
      return [];
  }
}

/** `image` and `images` are two ways to say the same. */
function unusedKeys(used: readonly string[]): readonly PromptKey[] {
  const hasPictures = used.includes("image") || used.includes("images");
  return PROMPT_KEYS.filter(
    ({ name }) => !used.includes(name) && !(hasPictures && (name === "image" || name === "images")),
  );
}

function keyItem(key: PromptKey, range: vscode.Range, settings: HostSettings): vscode.CompletionItem {
  const item = new vscode.CompletionItem(key.name, vscode.CompletionItemKind.Property);
  const suggests = key.kind !== "number" && key.kind !== "text";
  return Object.assign(item, {
    range,
    insertText: key.kind === "paths" ? `${key.name}:\n  - ` : `${key.name}: `,
    documentation: keyDocumentation(key, settings),
    sortText: String(PROMPT_KEYS.indexOf(key)).padStart(2, "0"),
    ...(suggests && { command: SUGGEST_AGAIN }),
  });
}

function valueItem(
  text: string,
  range: vscode.Range,
  kind: vscode.CompletionItemKind,
): vscode.CompletionItem {
  return Object.assign(new vscode.CompletionItem(text, kind), { range });
}

/** Folders and pictures of the folder that is written so far. */
async function pathItems(
  { written }: ValuePlace,
  range: vscode.Range,
  base: vscode.Uri | null,
): Promise<vscode.CompletionItem[]> {
  const plain = written.replace(/^["']/, "");
  const folder = plain.slice(0, plain.lastIndexOf("/") + 1);
  const entries = await entriesOf(folder, base);
  return entries.map(([name, isFolder]) => {
    const value = `${folder}${name}${isFolder ? "/" : ""}`;
    const kind = isFolder ? vscode.CompletionItemKind.Folder : vscode.CompletionItemKind.File;
    const item = new vscode.CompletionItem(name, kind);
    return Object.assign(item, {
      range,
      // A folder is a beginning: its quotes come with the picture's name.
      insertText:
        isFolder || plain !== written
          ? written.slice(0, written.length - plain.length) + value
          : yamlText(value),
      filterText: written.slice(0, written.length - plain.length) + value,
      sortText: `${isFolder ? 1 : 0}${name}`,
      ...(isFolder && { command: SUGGEST_AGAIN }),
    });
  });
}

async function entriesOf(
  folder: string,
  base: vscode.Uri | null,
): Promise<readonly (readonly [name: string, isFolder: boolean])[]> {
  try {
    const uri = folder === "" ? base : pictureUri(folder, base);
    if (uri === null) return [];
    const entries = await vscode.workspace.fs.readDirectory(uri);
    return entries
      .map(([name, type]) => [name, (type & vscode.FileType.Directory) !== 0] as const)
      .filter(([name, isFolder]) => !name.startsWith(".") && (isFolder || isImage({ path: name })))
      .sort(([a], [b]) => a.localeCompare(b))
      .slice(0, MOST_ENTRIES);
  } catch {
    return []; // a folder that is not there has nothing to offer; the diagnostics say so
  }
}
