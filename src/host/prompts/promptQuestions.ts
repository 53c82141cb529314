import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { parsePromptFile } from "../../core/prompts/parsePromptFile.js";
import { lineAndColumn } from "../../core/prompts/promptOffsets.js";
import { EXTRA_KEYS, EXTRA_NAMES, type GenerationExtras } from "../../core/run/generationExtras.js";
import type { PromptFile } from "../../core/prompts/types.js";
import type { KnownModels, ModelChoice, Question } from "../services.js";
import { documentName } from "./promptDocument.js";
import { pictureUri } from "./pictureUri.js";
import { problemText } from "./problemText.js";

/** Where a prompt stands, and what completes it. */
export interface PromptContext {
  readonly source: {
    readonly uri: vscode.Uri;
    /** Version of the document that the text is of. */
    readonly version: number;
    /** Where the text begins in the document; absent: at its start. */
    readonly offset?: number;
  };
  /** Folder of relative paths; null: there is none. */
  readonly base: vscode.Uri | null;
  readonly models: Pick<KnownModels, "resolve">;
  /** For what the front matter leaves open: a model's name or folder, and paths of pictures. */
  readonly defaults?: { readonly model?: string; readonly images?: readonly string[] };
  /** Asked about instead of all pictures that are named. */
  readonly images?: readonly vscode.Uri[];
}

/** A prompt as it was read, and what it asks: one question for each picture. */
export interface PromptQuestions {
  readonly file: PromptFile;
  /** In the order of the pictures; empty when no picture is named. */
  readonly questions: readonly Question[];
}

/**
 * Reads a prompt file or cell as questions. Whether the pictures are there is not looked at: each question fails for
 * itself.
 * @throws DexarError `prompt-file-broken` naming line and next step; `image-is-remote`, `image-path-relative`; what
 *   `KnownModels.resolve` throws
 */
export async function promptQuestions(text: string, context: PromptContext): Promise<PromptQuestions> {
  const file = parsePromptFile(text);
  throwFirstError(file, text, context.source.uri);
  const { base, defaults } = context;
  const paths = file.fields.images?.value ?? defaults?.images ?? [];
  const images = context.images ?? paths.map((written) => pictureUri(written, base));
  const modelName = file.fields.model?.value ?? defaults?.model;
  const model = modelName === undefined ? null : await context.models.resolve(modelName, base);
  const asked = questionOf(file, model, context.source);
  const others = file.fields.with_images?.value.map((written) => pictureUri(written, base));
  const withImages = others ? { withImages: others } : {};
  return { file, questions: images.map((image) => ({ image, ...withImages, ...asked })) };
}

function questionOf(
  { prompt, promptSpan, fields }: PromptFile,
  model: ModelChoice | null,
  { uri, version, offset = 0 }: PromptContext["source"],
): Omit<Question, "image"> {
  const { target, max_new_tokens, temperature, top_k, seed, preset, text_set } = fields;
  const [from, to] = promptSpan;
  return {
    prompt,
    target: target?.value ?? null,
    ...(model && { model }),
    ...(max_new_tokens && { maxNewTokens: max_new_tokens.value }),
    ...(temperature && { temperature: temperature.value }),
    ...(top_k && { topK: top_k.value }),
    ...(seed && { seed: seed.value }),
    ...extrasOf(fields),
    attribution: {
      ...(preset && { preset: preset.value }),
      ...(text_set && { textSet: text_set.value }),
    },
    source: { uri, version, span: [offset + from, offset + to] },
  };
}

function extrasOf(fields: PromptFile["fields"]): GenerationExtras {
  const given = EXTRA_NAMES.map((name) => [name, fields[EXTRA_KEYS[name]]?.value] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

function throwFirstError({ problems }: PromptFile, text: string, uri: vscode.Uri): void {
  const error = problems.find(({ severity }) => severity === "error");
  if (error === undefined) return;
  const { message, nextStep } = problemText(error);
  const { line } = lineAndColumn(text, error.span[0]);
  throw new DexarError(
    "prompt-file-broken",
    vscode.l10n.t("{0}, line {1}: {2}", documentName(uri), line, message),
    nextStep,
  );
}
