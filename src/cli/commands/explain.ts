import { Option, type Command } from "commander";
import type { CliContext } from "../context.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { explainImages } from "../explainImages.js";
import { findImages } from "../findImages.js";
import { findModel } from "../models/findModel.js";
import { withContinuedRun, type ContinuedRun } from "../options/continueRun.js";
import { imagesGiven, withPromptFile } from "../options/promptFile.js";
import { addRequestOptions, readRequest, type RequestOptions } from "../options/requestOptions.js";
import { addSettingsOptions, type SettingsOptions } from "../options/settingsOptions.js";
import { planOutputs } from "../outputs/planOutputs.js";
import type { Finish } from "../runCli.js";

/** All options of `dexar explain`. */
export interface ExplainOptions extends RequestOptions, SettingsOptions {
  readonly live?: boolean;
  /** A run file to go on from. */
  readonly continue?: string;
  readonly out?: string;
  readonly png?: string;
  readonly svg?: string;
  readonly html?: string;
  readonly json?: boolean;
  /** False after --no-gradient. */
  readonly gradient: boolean;
}

/** Adds `dexar explain IMAGE...`. */
export function addExplainCommand(program: Command, context: CliContext, finish: Finish): void {
  const command = program
    .command("explain")
    .description("answer, and show what in the picture each token rests on");
  addSettingsOptions(addRequestOptions(command))
    .argument("[image...]", "image files, or folders of them (default: those the prompt file names)")
    .addOption(
      new Option(
        "--continue <run.dexar>",
        "go on with a run's answer: same model, picture and prompt",
      ).conflicts(["prompt", "promptFile", "rawPrompt", "target", "targetIds", "withImage"]),
    )
    .option("--live", "explain every token at once instead of 32 together (slower)")
    .option("--out <file.dexar|dir>", "run file, to open again with show")
    .option("--png <file|dir>", "picture of all tokens; in a folder also one per token")
    .option("--svg <file|dir>", "figure of the whole answer for a paper; in a folder also one per token")
    .option("--html <file|dir>", "report for the browser")
    .option("--no-gradient", "leave the gradients out of the run file: smaller, but its filters are fixed")
    .option("--json", "print one JSON object per image")
    .action(async (images: string[], options: ExplainOptions) => {
      const isGiven = (name: string): boolean => command.getOptionValueSource(name) === "cli";
      const continued = await withContinuedRun(options, isGiven, images);
      if (continued.run) return finish(await explain(images, continued.options, context, continued.run));
      const read = await withPromptFile(options, isGiven, context);
      finish(await explain(imagesGiven(images, read.images), read.options, context, null));
    });
}

/** Everything that can be wrong with the command line is found before the model is loaded. */
async function explain(
  given: readonly string[],
  options: ExplainOptions,
  context: CliContext,
  run: ContinuedRun | null,
): Promise<ExitCode> {
  // A run to go on from has its picture; it stands for it in messages.
  const images = run && given.length === 0 ? [{ path: run.path, problem: null }] : await findImages(given);
  const request = await readRequest(options, images.length);
  const modelDir = await findModel(options.model, context);
  const plans = await planOutputs(
    images.map((image) => image.path),
    options,
  );
  const planned = images.flatMap((image, index) => {
    const plan = plans[index];
    return plan === undefined ? [] : [{ ...image, plan }];
  });
  const code = await explainImages({ images: planned, request, modelDir, options, run }, context);
  if (
    code === EXIT.done &&
    [options.out, options.png, options.svg, options.html].every((path) => path === undefined)
  ) {
    context.io.stderr.write(
      "Nothing was saved: add --out FILE.dexar, --png FILE, --svg FILE or --html FILE to keep it.\n",
    );
  }
  return code;
}
