import { access } from "node:fs/promises";
import { Option, type Command } from "commander";
import type { GenerateRequest } from "../../protocol/modelProcess.js";
import { generationExtras } from "../../core/run/generationExtras.js";
import { DEFAULT_MODEL } from "../models/findModel.js";
import { deviceOption, threadsOption, type DeviceOptions } from "./device.js";
import { UsageError } from "../usageError.js";
import { numberList, realNumber, wholeNumber } from "./numbers.js";
import { DEFAULT_PROMPT, readPrompt } from "./prompt.js";

/** The options of a model, a question and its answer, shared by `explain` and `generate`. */
export interface RequestOptions extends DeviceOptions {
  readonly model: string;
  readonly prompt?: string;
  readonly promptFile?: string;
  /** Further pictures of the same prompt. */
  readonly withImage?: readonly string[];
  readonly rawPrompt?: boolean;
  readonly target?: string;
  readonly targetIds?: readonly number[];
  readonly pixelValues?: string;
  readonly maxNewTokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly systemPrompt?: string;
  readonly dtype?: string;
  readonly resize: "pil" | "transformers.js";
}

/** Adds the options that choose the model, the question and how it is answered. */
export function addRequestOptions(command: Command): Command {
  return command
    .option("--model <dir|name>", "name of a bundled or downloaded model, or a model folder", DEFAULT_MODEL)
    .option("--prompt <text>", `the question; the chat template is applied (default: "${DEFAULT_PROMPT}")`)
    .addOption(
      new Option(
        "--prompt-file <file>",
        "the question from a text file; front matter may give images, target, options (see README)",
      ).conflicts("prompt"),
    )
    .option(
      "--with-image <file>",
      "another picture in the same prompt, after IMAGE; may be given again (models that take several)",
      (file: string, before: readonly string[] = []) => [...before, file],
    )
    .option("--raw-prompt", "no chat template: the text holds the image placeholder itself")
    .option("--system-prompt <text>", "said before the question, where the chat template has a place for it")
    .option("--target <text>", "explain this answer instead of generating one")
    .addOption(
      new Option("--target-ids <list>", "the same as token ids: 1,2,3")
        .argParser((text) => numberList("--target-ids", text))
        .conflicts("target"),
    )
    .option("--pixel-values <file.npy>", "float32 pixel values that replace the processor's")
    .option("--max-new-tokens <n>", "longest answer", wholeNumber("--max-new-tokens", 1), 64)
    .option("--temperature <x>", "0 takes the likeliest token", realNumber("--temperature", 0, 100), 0)
    .option("--top-k <k>", "sample among the k likeliest; 0: all", wholeNumber("--top-k", 0), 0)
    .option("--top-p <p>", "sample among the likeliest whose shares reach p", realNumber("--top-p", 0, 1))
    .option(
      "--min-p <p>",
      "leave out what is less likely than p of the likeliest",
      realNumber("--min-p", 0, 1),
    )
    .option(
      "--repetition-penalty <x>",
      "above 1: repeat less (default: as the model's generation_config.json says)",
      realNumber("--repetition-penalty", 0.01, 100),
    )
    .option("--seed <n>", "seed of the sampling", wholeNumber("--seed", 0, 2 ** 32 - 1))
    .addOption(
      new Option(
        "--stop <text>",
        "end the answer with the token that completes this text; may be given again",
      ).argParser((text, before: readonly string[] = []) => [...before, stopText(text)]),
    )
    .addOption(deviceOption())
    .addOption(threadsOption())
    .option("--dtype <d>", "weights: fp32, fp16, q4, ... (default: the best in the folder)")
    .addOption(
      new Option("--resize <how>", "pil: as the Python processor")
        .choices(["pil", "transformers.js"])
        .default("pil"),
    );
}

/**
 * Checks the options and reads the prompt; `imagePath` is filled in per image.
 * @throws UsageError naming the option
 */
export async function readRequest(
  options: RequestOptions,
  imageCount: number,
): Promise<Omit<GenerateRequest, "imagePath">> {
  return {
    prompt: await readPrompt(options),
    rawPrompt: options.rawPrompt ?? false,
    target: readTarget(options),
    maxNewTokens: options.maxNewTokens,
    temperature: options.temperature,
    topK: options.topK,
    seed: options.seed ?? null,
    ...generationExtras({ ...options, ...(options.stop && { stopStrings: options.stop }) }),
    resize: options.resize,
    pixelValuesPath: await readPixelValuesPath(options.pixelValues, imageCount),
  };
}

function stopText(text: string): string {
  if (text !== "") return text;
  throw new UsageError("empty-stop", "--stop is empty.", "Write the text that ends the answer.");
}

function readTarget(options: RequestOptions): GenerateRequest["target"] {
  if (options.targetIds !== undefined) return { ids: options.targetIds };
  if (options.target === undefined) return null;
  if (options.target !== "") return { text: options.target };
  throw new UsageError(
    "empty-target",
    "--target is empty.",
    "Write the answer to explain, or leave --target out.",
  );
}

async function readPixelValuesPath(path: string | undefined, imageCount: number): Promise<string | null> {
  if (path === undefined) return null;
  if (imageCount > 1) {
    throw new UsageError(
      "pixel-values-need-one-image",
      `--pixel-values belongs to one picture, but there are ${imageCount}.`,
      "Explain one image at a time.",
    );
  }
  await access(path).catch(() => {
    throw new UsageError(
      "pixel-values-not-found",
      `The file of --pixel-values cannot be read: ${path}`,
      "Check the path; it must be a float32 .npy file.",
    );
  });
  return path;
}

/** How many tokens a request takes: exactly, at most, or (forced text, not yet tokenised) unknown. */
export function expectedTokens(
  request: Pick<GenerateRequest, "target" | "maxNewTokens">,
): { count: number; exact: boolean } | null {
  if (request.target === null) return { count: request.maxNewTokens, exact: false };
  return "ids" in request.target ? { count: request.target.ids.length, exact: true } : null;
}

/** A request about `imagePath`, and the further pictures of the options. */
export function aboutImage(
  request: Omit<GenerateRequest, "imagePath">,
  imagePath: string,
  { withImage = [] }: Pick<RequestOptions, "withImage">,
): GenerateRequest {
  return { ...request, imagePath, ...(withImage.length > 0 && { imagePaths: [imagePath, ...withImage] }) };
}
