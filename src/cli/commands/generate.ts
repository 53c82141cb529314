import type { Command } from "commander";
import type { GeneratedText } from "../../protocol/modelProcess.js";
import type { CliContext } from "../context.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { findImages } from "../findImages.js";
import { findModel } from "../models/findModel.js";
import { imagesGiven, withPromptFile } from "../options/promptFile.js";
import {
  aboutImage,
  addRequestOptions,
  expectedTokens,
  readRequest,
  type RequestOptions,
} from "../options/requestOptions.js";
import { deviceWish } from "../options/device.js";
import type { Finish } from "../runCli.js";
import { UsageError } from "../usageError.js";
import { withModel } from "../withModel.js";

interface GenerateOptions extends RequestOptions {
  readonly json?: boolean;
}

/** Adds `dexar generate IMAGE`: the answer alone, without capture. */
export function addGenerateCommand(program: Command, context: CliContext, finish: Finish): void {
  const command = program.command("generate").description("answer without explaining (the plain baseline)");
  addRequestOptions(command)
    .argument("[image]", "image file (default: the one the prompt file names)")
    .option("--json", "print one JSON object")
    .action(async (image: string | undefined, options: GenerateOptions) => {
      const isGiven = (name: string): boolean => command.getOptionValueSource(name) === "cli";
      const read = await withPromptFile(options, isGiven, context);
      const images = imagesGiven(image === undefined ? [] : [image], read.images);
      finish(await generate(images, read.options, context));
    });
}

async function generate(
  images: readonly string[],
  options: GenerateOptions,
  context: CliContext,
): Promise<ExitCode> {
  const request = await readRequest(options, 1);
  const modelDir = await findModel(options.model, context);
  const imagePath = await oneImage(images);
  const loading = { modelDir, ...deviceWish(options), dtype: options.dtype ?? null };
  const answer = await withModel(context, loading, ({ client, progress, signal }) => {
    progress.begin(imagePath, expectedTokens(request));
    return client.generate(aboutImage(request, imagePath, options), {
      signal,
      onEvent: (event) => progress.event(event),
    });
  });
  context.io.stdout.write(options.json === true ? `${asJson(imagePath, answer)}\n` : `${answer.text}\n`);
  return answer.finish === "cancelled" ? EXIT.cancelled : EXIT.done;
}

async function oneImage(given: readonly string[]): Promise<string> {
  const [first, ...others] = await findImages(given);
  if (first === undefined || others.length > 0) {
    throw new UsageError(
      "one-image",
      `generate takes one image, not a folder or several: ${given.join(", ")}`,
      "Name one image file.",
    );
  }
  if (first.problem !== null) throw first.problem;
  return first.path;
}

function asJson(image: string, { ids, text, finish, timings }: GeneratedText): string {
  return JSON.stringify({ image, text, ids, finish, timings });
}
