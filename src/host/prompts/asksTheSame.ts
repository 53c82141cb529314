import path from "node:path";
import type { TextSet } from "../../core/attribution/settings.js";
import type { PromptFieldValues, PromptFile } from "../../core/prompts/types.js";
import {
  EXTRA_KEYS,
  EXTRA_NAMES,
  statedExtras,
  type GenerationExtras,
} from "../../core/run/generationExtras.js";
import type { RunInfo } from "../../core/run/types.js";
import type { Question } from "../services.js";

/** What was asked about whatever picture, by the names of the front matter; absent: left open. */
export type AskedValues = {
  readonly [K in Exclude<keyof PromptFieldValues, "images" | "with_images" | "text_set">]?:
    PromptFieldValues[K] | undefined;
} & { readonly prompt: string; readonly text_set?: TextSet | undefined };

/**
 * Whether a prompt file asks what was asked before.
 * @param exact what the file leaves open was left open before too; else only what it states is compared
 */
export function asksTheSame(file: PromptFile, asked: AskedValues, exact: boolean): boolean {
  const { target, model, ...numbers } = file.fields;
  if (file.prompt !== asked.prompt || trimmed(target?.value) !== trimmed(asked.target)) return false;
  const same = (now: unknown, before: unknown): boolean => now === before || (!exact && now === undefined);
  return (
    same(folderName(model?.value), folderName(asked.model)) &&
    COMPARED.every((name) => same(numbers[name]?.value, asked[name])) &&
    same(joined(numbers.stop?.value), joined(asked.stop))
  );
}

const COMPARED = [
  "max_new_tokens",
  "temperature",
  "top_k",
  "top_p",
  "min_p",
  "repetition_penalty",
  "seed",
  "system_prompt",
  "preset",
  "text_set",
] as const;

/** Lists are the same when their texts are. */
function joined(texts: readonly string[] | undefined): string | undefined {
  return texts && JSON.stringify(texts);
}

/** What a question asks. */
export function valuesOf(question: Omit<Question, "image">): AskedValues {
  const { prompt, target, model, maxNewTokens, temperature, topK, seed, attribution } = question;
  return {
    prompt,
    target: target ?? undefined,
    model: model?.dir,
    max_new_tokens: maxNewTokens,
    temperature,
    top_k: topK,
    seed,
    ...extraValues(question),
    preset: attribution?.preset,
    text_set: attribution?.textSet,
  };
}

/** What a finished run asked: all of it, whether it was stated or left open. */
export function valuesOfRun({ model, prompt, generation, settings, tokens }: RunInfo): AskedValues {
  return {
    prompt: prompt.text,
    target: generation.mode === "forced" ? tokens.map(({ text }) => text).join("") : undefined,
    model: model.name,
    max_new_tokens: generation.maxNewTokens,
    temperature: generation.temperature,
    top_k: generation.topK,
    seed: generation.seed ?? undefined,
    ...extraValues(statedExtras(generation)),
    preset: settings.preset,
    text_set: settings.textSet,
  };
}

function extraValues(extras: GenerationExtras): Partial<AskedValues> {
  return Object.fromEntries(EXTRA_NAMES.map((name) => [EXTRA_KEYS[name], extras[name]]));
}

/** A forced answer is kept as its tokens, which may begin with a space. */
function trimmed(text: string | undefined): string | undefined {
  return text?.trim();
}

/** A model is known by its folder's name, in whatever letters. */
function folderName(model: string | undefined): string | undefined {
  return model === undefined ? undefined : path.posix.basename(model.replaceAll("\\", "/")).toLowerCase();
}
