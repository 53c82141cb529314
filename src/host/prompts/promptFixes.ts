import * as vscode from "vscode";
import type { PromptFinding } from "./checkPrompt.js";
import { rangeOf } from "./showSource.js";
import { yamlText } from "./yamlText.js";

/** Corrections for what is marked at a place, those of the editor's light bulb. */
export function promptFixes(
  document: vscode.TextDocument,
  findings: readonly PromptFinding[],
  { diagnostics }: Pick<vscode.CodeActionContext, "diagnostics">,
): vscode.CodeAction[] {
  return diagnostics.flatMap((diagnostic) => {
    const finding = findings.find(
      ({ code, span }) => code === diagnostic.code && rangeOf(document, span).isEqual(diagnostic.range),
    );
    return finding ? fixesOf(document, finding, diagnostic) : [];
  });
}

function fixesOf(
  document: vscode.TextDocument,
  finding: PromptFinding,
  diagnostic: vscode.Diagnostic,
): vscode.CodeAction[] {
  const { suggestion, code } = finding;
  const fixes: vscode.CodeAction[] = [];
  if (suggestion !== null) {
    const fix = action(vscode.l10n.t('Change to "{0}"', suggestion), diagnostic);
    fix.isPreferred = true;
    fix.edit = new vscode.WorkspaceEdit();
    fix.edit.replace(document.uri, diagnostic.range, yamlText(suggestion));
    fixes.push(fix);
  }
  if (code.startsWith("image-") && code !== "image-and-images") {
    const title = vscode.l10n.t("Choose Another Picture…");
    const fix = action(title, diagnostic);
    fix.command = { command: "dexar.prompt.choosePicture", title, arguments: [document.uri, finding.span] };
    fixes.push(fix);
  }
  if (code === "front-matter-not-closed") {
    const fix = action(vscode.l10n.t("Close the Front Matter"), diagnostic);
    fix.isPreferred = true;
    fix.edit = new vscode.WorkspaceEdit();
    const text = document.getText();
    const at = endOfKeys(text);
    const line = text[at - 1] === "\n" ? "---\n" : "\n---\n";
    fix.edit.insert(document.uri, document.positionAt(at), line);
    fixes.push(fix);
  }
  return fixes;
}

function action(title: string, diagnostic: vscode.Diagnostic): vscode.CodeAction {
  const made = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  made.diagnostics = [diagnostic];
  return made;
}

/** Where the first line that is no `key: value`, list item or comment begins. */
function endOfKeys(text: string): number {
  const lines = text.split(/(?<=\n)/);
  let at = lines[0]?.length ?? 0;
  for (const line of lines.slice(1)) {
    if (!/^(?:\w+[ \t]*:|[ \t]+\S|[ \t]*-[ \t]|[ \t]*#)/.test(line)) break;
    at += line.length;
  }
  return at;
}
