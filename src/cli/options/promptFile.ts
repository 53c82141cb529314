import path from "node:path";
import { formatProblem } from "../../core/prompts/formatProblem.js";
import { parsePromptFile } from "../../core/prompts/parsePromptFile.js";
import { lineAndColumn } from "../../core/prompts/promptOffsets.js";
import type { PromptFieldValues, PromptFile, PromptProblem } from "../../core/prompts/types.js";
import { withHome } from "../../hub/places.js";
import type { CliContext } from "../context.js";
import { findModel } from "../models/findModel.js";
import { UsageError } from "../usageError.js";
import { readTextFile } from "./prompt.js";
import type { RequestOptions } from "./requestOptions.js";
import type { SettingsOptions } from "./settingsOptions.js";

/** The options that the front matter of a prompt file can give, too. */
type Options = RequestOptions & Pick<SettingsOptions, "preset" | "textSet">;

/** Whether an option stands on the command line itself. */
type IsGiven = (name: keyof Options) => boolean;

/**
 * Completes options with what the prompt file says; the command line wins. A text file that has no front matter and
 * is not called `*.vlm.md` is only a prompt: `readPrompt` takes it as it is.
 * @returns the options, and the pictures that the file names (relative to the folder of the file)
 * @throws UsageError `prompt-file-broken` naming file, line and column; `prompt-file-not-readable`,
 *   `prompt-file-not-text`; those of `findModel`
 */
export async function withPromptFile<T extends Options>(
  options: T,
  isGiven: IsGiven,
  context: CliContext,
): Promise<{ options: T; images: readonly string[] }> {
  const { promptFile } = options;
  if (promptFile === undefined) return { options, images: [] };
  const text = await readTextFile(promptFile);
  const file = parsePromptFile(text);
  if (file.frontMatter === null && !promptFile.endsWith(".vlm.md")) return { options, images: [] };
  const lines = report(file.problems, promptFile, text);
  for (const line of lines.warnings) context.io.stderr.write(`warning: ${line}\n`);
  if (lines.errors !== null) throw lines.errors;
  const images = (file.fields.images?.value ?? []).map((image) => besideFile(promptFile, image));
  const model = isGiven("model") ? undefined : file.fields.model?.value;
  const modelDir = model === undefined ? null : await findModel(model, context, path.dirname(promptFile));
  const others = file.fields.with_images?.value.map((image) => besideFile(promptFile, image));
  const withImage = others && !isGiven("withImage") ? { withImage: others } : {};
  return { options: { ...options, ...completed(file, modelDir, isGiven), ...withImage }, images };
}

function report(
  problems: readonly PromptProblem[],
  name: string,
  text: string,
): { warnings: string[]; errors: UsageError | null } {
  const described = problems.map((problem) => {
    const { line, column } = lineAndColumn(text, problem.span[0]);
    const { message, nextStep } = formatProblem(problem);
    return { severity: problem.severity, message: `${name}:${line}:${column}: ${message}`, nextStep };
  });
  const errors = described.filter(({ severity }) => severity === "error");
  const warnings = described
    .filter(({ severity }) => severity === "warning")
    .map(({ message, nextStep }) => `${message} ${nextStep}`);
  const message = errors.map((error) => error.message).join("\n");
  const [first] = errors;
  return { warnings, errors: first ? new UsageError("prompt-file-broken", message, first.nextStep) : null };
}

function besideFile(promptFile: string, written: string): string {
  const name = withHome(written);
  return path.isAbsolute(name) ? name : path.join(path.dirname(promptFile), name);
}

/** What the file gives and the command line does not. */
function completed({ prompt, fields }: PromptFile, model: string | null, isGiven: IsGiven): Partial<Options> {
  const names = {
    target: "target",
    max_new_tokens: "maxNewTokens",
    temperature: "temperature",
    top_k: "topK",
    top_p: "topP",
    min_p: "minP",
    repetition_penalty: "repetitionPenalty",
    seed: "seed",
    stop: "stop",
    system_prompt: "systemPrompt",
    preset: "preset",
    text_set: "textSet",
  } as const satisfies Partial<Record<keyof PromptFieldValues, keyof Options>>;
  const given = Object.entries(names).flatMap(([key, option]) => {
    const field = fields[key as keyof typeof names];
    const taken = isGiven(option) || (option === "target" && isGiven("targetIds"));
    return field === undefined || taken ? [] : [[option, field.value] as const];
  });
  return {
    prompt,
    ...(model === null ? {} : { model }),
    ...Object.fromEntries(given),
  };
}

/**
 * The pictures of a command line: those it names, else those of the prompt file.
 * @throws UsageError `missing-argument` when there are none
 */
export function imagesGiven(given: readonly string[], named: readonly string[]): readonly string[] {
  const images = given.length > 0 ? given : named;
  if (images.length > 0) return images;
  throw new UsageError(
    "missing-argument",
    "No image is given.",
    "Name an image file, or write `image: FILE` into the front matter of the prompt file.",
  );
}
