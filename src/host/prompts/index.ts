import * as vscode from "vscode";
import type { GetServices } from "../commands/command.js";
import { makeReadSettings } from "../settings/readSettings.js";
import { completePrompt } from "./completePrompt.js";
import { hoverPrompt } from "./hoverPrompt.js";
import { PromptDiagnostics } from "./promptDiagnostics.js";
import { PROMPT_LANGUAGE } from "./promptDocument.js";
import { promptFixes } from "./promptFixes.js";
import { PromptLenses } from "./promptLenses.js";

/** Registers what the editor asks about prompt files and prompt cells; the services are made at the first question. */
export function registerPrompts(context: vscode.ExtensionContext, services: GetServices): void {
  const { languages } = vscode;
  const selector: vscode.DocumentSelector = { language: PROMPT_LANGUAGE };
  const readSettings = makeReadSettings(context.extensionUri, () => {});
  const lenses = new PromptLenses(services);
  const diagnostics = new PromptDiagnostics(() => {
    const { models, model } = services();
    return { models, log: model.log };
  });
  context.subscriptions.push(
    lenses,
    diagnostics,
    languages.registerCodeLensProvider(selector, lenses),
    languages.registerCompletionItemProvider(
      selector,
      {
        provideCompletionItems: (document, position) =>
          completePrompt(document, position, { models: services().models, settings: readSettings() }),
      },
      "/",
      " ",
      "[",
    ),
    languages.registerHoverProvider(selector, {
      provideHover: (document, position) =>
        hoverPrompt(document, position, { models: services().models, settings: readSettings() }),
    }),
    languages.registerCodeActionsProvider(
      selector,
      {
        provideCodeActions: (document, _range, asked) =>
          promptFixes(document, diagnostics.findingsOf(document.uri), asked),
      },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
  );
}
