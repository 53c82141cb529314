import * as vscode from "vscode";
import type { PromptKey, PromptKeyName } from "../../core/prompts/promptKeys.js";
import type { HostSettings } from "../settings/hostSettings.js";
import { keyValueText } from "./problemText.js";

/** What a key of the front matter does, in one or two sentences. */
function keyPurpose(name: PromptKeyName): string {
  if (isGenerationKey(name)) return generationPurpose(name);
  switch (name) {
    case "model":
      return vscode.l10n.t(
        "The model that answers: the name of a known model, or a model folder (relative to this file).",
      );
    case "image":
      return vscode.l10n.t("The picture that is asked about, relative to this file.");
    case "images":
      return vscode.l10n.t("Several pictures, relative to this file: a run for each, shown as a grid.");
    case "with_images":
      return vscode.l10n.t(
        "Further pictures in the same prompt, relative to this file; for models that take several.",
      );
    case "target":
      return vscode.l10n.t("An answer to explain instead of the model's own.");
    case "preset":
      return vscode.l10n.t(
        "How heatmaps are worked out: `paper`, its equations; `reference`, its authors' code.",
      );
    case "text_set":
      return vscode.l10n.t("Which text positions compete with the picture.");
  }
}

/** Keys that say how an answer is generated. */
const GENERATION_KEYS = [
  "max_new_tokens",
  "temperature",
  "top_k",
  "top_p",
  "min_p",
  "repetition_penalty",
  "stop",
  "system_prompt",
  "seed",
] as const satisfies readonly PromptKeyName[];
type GenerationKey = (typeof GENERATION_KEYS)[number];

function isGenerationKey(name: PromptKeyName): name is GenerationKey {
  return GENERATION_KEYS.some((key) => key === name);
}

function generationPurpose(name: GenerationKey): string {
  switch (name) {
    case "max_new_tokens":
      return vscode.l10n.t("The answer is cut after this many tokens.");
    case "temperature":
      return vscode.l10n.t("How freely the model chooses its words; 0: always the most probable one.");
    case "top_k":
      return vscode.l10n.t("Only this many of the most probable tokens may be chosen; 0: all.");
    case "top_p":
      return vscode.l10n.t(
        "Only the most probable tokens whose probabilities reach this sum may be chosen; 1: all.",
      );
    case "min_p":
      return vscode.l10n.t("Only tokens at least this probable, next to the most probable one; 0: all.");
    case "repetition_penalty":
      return vscode.l10n.t("Above 1: what was said before becomes less probable.");
    case "stop":
      return vscode.l10n.t("The answer ends with the token that completes this text, or one of these.");
    case "system_prompt":
      return vscode.l10n.t(
        "Said to the model before the prompt, where its chat template has a place for it.",
      );
    case "seed":
      return vscode.l10n.t("Makes a free choice of words repeatable.");
  }
}

/** What a key takes and what holds without it, each a sentence. */
function keyFacts(key: PromptKey, settings: HostSettings): readonly string[] {
  const without = settingOf(key.name, settings);
  return [
    vscode.l10n.t("Takes {0}.", keyValueText(key)),
    ...(without === null ? [] : [vscode.l10n.t("Without it, as in the settings: {0}.", without)]),
  ];
}

/** Markdown for a key: purpose and facts. */
export function keyDocumentation(key: PromptKey, settings: HostSettings): vscode.MarkdownString {
  return new vscode.MarkdownString([keyPurpose(key.name), keyFacts(key, settings).join(" ")].join("\n\n"));
}

function settingOf(name: PromptKeyName, settings: HostSettings): string | null {
  if (isGenerationKey(name)) return generationSetting(name, settings);
  switch (name) {
    case "model":
      return settings.model.name;
    case "preset":
      return settings.preset;
    case "text_set":
      return settings.textSet;
    case "image":
    case "images":
    case "with_images":
    case "target":
      return null;
  }
}

function generationSetting(name: GenerationKey, settings: HostSettings): string | null {
  switch (name) {
    case "max_new_tokens":
      return String(settings.maxNewTokens);
    case "temperature":
      return String(settings.temperature);
    case "top_k":
      return String(settings.topK);
    case "top_p":
      return String(settings.topP);
    case "min_p":
      return String(settings.minP);
    case "repetition_penalty":
      return settings.repetitionPenalty === null
        ? vscode.l10n.t("the model's own")
        : String(settings.repetitionPenalty);
    case "stop":
      return settings.stopStrings.length === 0 ? null : JSON.stringify(settings.stopStrings);
    case "system_prompt":
      return settings.systemPrompt === "" ? null : settings.systemPrompt;
    case "seed":
      return settings.seed === null ? vscode.l10n.t("another one each time") : String(settings.seed);
  }
}
