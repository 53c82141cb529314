import * as vscode from "vscode";
import { promptKey, PROMPT_KEYS, type PromptKey } from "../../core/prompts/promptKeys.js";
import type { PromptProblem } from "../../core/prompts/types.js";

/** What is wrong, and what to do about it; `formatProblem` of core in the user's language. */
export interface ProblemText {
  readonly message: string;
  readonly nextStep: string;
}

/** A problem of a prompt file in words. */
export function problemText(problem: PromptProblem): ProblemText {
  switch (problem.code) {
    case "broken-yaml":
      return {
        message: vscode.l10n.t("The front matter cannot be read: {0}", problem.detail),
        nextStep: vscode.l10n.t(
          "Write one `key: value` a line; put quotes around values with special characters.",
        ),
      };
    case "front-matter-not-closed":
      return {
        message: vscode.l10n.t("The front matter that this line opens is not closed."),
        nextStep: vscode.l10n.t("Add a line `---` after the last key."),
      };
    case "not-a-mapping":
      return {
        message: vscode.l10n.t("The front matter is not a list of `key: value` lines."),
        nextStep: vscode.l10n.t("Write a key, a colon, a space and the value: `image: cat.png`."),
      };
    case "unknown-key":
      return {
        message: vscode.l10n.t('There is no key "{0}".', problem.key),
        nextStep: didYouMean(
          problem.suggestion,
          vscode.l10n.t("Use one of {0}.", PROMPT_KEYS.map(({ name }) => name).join(", ")),
        ),
      };
    case "duplicate-key":
      return {
        message: vscode.l10n.t('The key "{0}" is given twice.', problem.key),
        nextStep: vscode.l10n.t("Keep one of them."),
      };
    case "wrong-value":
      return {
        message: vscode.l10n.t('"{0}" must be {1}.', problem.key, expected(problem)),
        nextStep: vscode.l10n.t("Change the value."),
      };
    case "unknown-choice":
      return {
        message: vscode.l10n.t('"{0}" must be one of {1}.', problem.key, problem.choices.join(", ")),
        nextStep: didYouMean(problem.suggestion, vscode.l10n.t("Take one of these.")),
      };
    case "image-and-images":
      return {
        message: vscode.l10n.t("Both `image` and `images` are given."),
        nextStep: vscode.l10n.t("Put all paths under `images`."),
      };
    case "empty-prompt":
      return {
        message: vscode.l10n.t("The prompt is empty."),
        nextStep: vscode.l10n.t("Write a question or an instruction for the model below the front matter."),
      };
  }
}

/** What a key takes, for people: `a whole number from 1 to 4096`. */
export function keyValueText(key: PromptKey): string {
  switch (key.kind) {
    case "model":
      return vscode.l10n.t("the name of a model or a model folder");
    case "path":
      return vscode.l10n.t("the path of one picture");
    case "paths":
      return vscode.l10n.t("the paths of pictures");
    case "texts":
      return vscode.l10n.t("a text, or a list of texts");
    case "text":
      return vscode.l10n.t("a text that is not empty");
    case "choice":
      return vscode.l10n.t("one of {0}", key.choices.join(", "));
    case "number":
      return key.whole
        ? vscode.l10n.t("a whole number from {0} to {1}", key.from, key.to)
        : vscode.l10n.t("a number from {0} to {1}", key.from, key.to);
  }
}

function expected({ key, expected: inEnglish }: Extract<PromptProblem, { code: "wrong-value" }>): string {
  const known = promptKey(key);
  return known === undefined ? inEnglish : keyValueText(known);
}

function didYouMean(suggestion: string | null, otherwise: string): string {
  return suggestion === null ? otherwise : vscode.l10n.t('Did you mean "{0}"?', suggestion);
}
