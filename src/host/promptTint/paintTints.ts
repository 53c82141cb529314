import type * as vscode from "vscode";
import type { TextSpan } from "../../core/prompts/types.js";
import { rangeOf } from "../prompts/showSource.js";
import type { Tint } from "./promptTint.js";
import { tintLevels } from "./tintLevels.js";
import type { TintStyles } from "./tintStyles.js";

/**
 * Puts tints into an editor in place of those it has.
 * @param tints of the editor's document; a later one covers an earlier one where their words overlap
 */
export function paintTints(editor: vscode.TextEditor, tints: readonly Tint[], styles: TintStyles): void {
  const fills = styles.fills.map((): vscode.Range[] => []);
  const lines = styles.lines.map((): vscode.Range[] => []);
  const shown: TextSpan[] = [];
  for (const { report, words } of [...tints].reverse()) {
    if (!words || shown.some((other) => overlap(other, words.region))) continue;
    shown.push(words.region);
    const levels = tintLevels(report.wins, (position) => Boolean(words.places[position]));
    for (const [position, { fill, line }] of levels) {
      const place = words.places[position];
      if (!place) continue;
      const range = rangeOf(editor.document, place);
      fills[fill]?.push(range);
      lines[line]?.push(range);
    }
  }
  styles.fills.forEach((style, step) => editor.setDecorations(style, fills[step] ?? []));
  styles.lines.forEach((style, step) => editor.setDecorations(style, lines[step] ?? []));
}

function overlap(a: TextSpan, b: TextSpan): boolean {
  return a[0] < b[1] && b[0] < a[1];
}
