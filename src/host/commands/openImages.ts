import * as vscode from "vscode";
import { isImage } from "./imageTypes.js";

/** The picture in the active tab, in whatever editor. */
export function activeImage(): vscode.Uri | null {
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  return tab === undefined ? null : imageOf(tab);
}

/** Pictures in tabs, each once, the active one first. */
export function openImages(): vscode.Uri[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const found = [activeImage(), ...tabs.map(imageOf)].filter((uri) => uri !== null);
  return [...new Map(found.map((uri) => [uri.toString(), uri])).values()];
}

function imageOf({ input }: vscode.Tab): vscode.Uri | null {
  const hasFile = input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText;
  return hasFile && isImage(input.uri) ? input.uri : null;
}
