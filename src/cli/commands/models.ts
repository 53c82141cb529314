import type { Command } from "commander";
import type { CliContext } from "../context.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { findModel } from "../models/findModel.js";
import { formatInspection } from "../models/formatInspection.js";
import { formatVerification } from "../models/formatModels.js";
import { deviceOption, deviceWish, threadsOption, type DeviceOptions } from "../options/device.js";
import { wholeNumber } from "../options/numbers.js";
import type { Finish } from "../runCli.js";
import { addHubCommands } from "./hubModels.js";

interface JsonOption {
  readonly json?: boolean;
}

interface InspectOptions extends JsonOption {
  readonly imageTokens?: number;
  readonly textTokens?: number;
  readonly maxNewTokens?: number;
  readonly image?: string;
}

interface VerifyOptions extends JsonOption, DeviceOptions {}

/** Adds `dexar models list | pull | remove | inspect DIR | verify DIR`. */
export function addModelsCommand(program: Command, context: CliContext, finish: Finish): void {
  const models = program.command("models").description("the models that can be explained");
  addHubCommands(models, context, finish);
  models
    .command("inspect <dir|name>")
    .description(
      "what is in a model folder, what is missing or unsupported, and how much memory it takes; runs nothing",
    )
    .option(
      "--image-tokens <n>",
      "estimate memory for a prompt with this many image tokens",
      wholeNumber("--image-tokens", 0),
    )
    .option("--text-tokens <n>", "and this many others (default: 64)", wholeNumber("--text-tokens", 1))
    .option(
      "--max-new-tokens <n>",
      "and an answer of this length (default: 64)",
      wholeNumber("--max-new-tokens", 1),
    )
    .option("--image <file>", "show how this picture becomes image tokens (default: one of 640 x 480)")
    .option("--json", "print one JSON object")
    .action(async (dir: string, options: InspectOptions) => finish(await inspect(dir, options, context)));
  models
    .command("verify <dir|name>")
    .description(
      "run the model: capture must not change the answer, and the lens must give back the model's own logits",
    )
    .addOption(deviceOption())
    .addOption(threadsOption())
    .option("--json", "print one JSON object")
    .action(async (dir: string, options: VerifyOptions) => finish(await verify(dir, options, context)));
}

async function inspect(
  name: string,
  options: InspectOptions,
  { io, services }: CliContext,
): Promise<ExitCode> {
  const { json, imageTokens, textTokens, maxNewTokens, image } = options;
  const inspection = await services.inspectModel(await findModel(name, { io, services }), {
    ...(imageTokens !== undefined && { imageTokens }),
    ...(textTokens !== undefined && { textTokens }),
    ...(maxNewTokens !== undefined && { answerTokens: maxNewTokens }),
    ...(image !== undefined && { imagePath: image }),
  });
  io.stdout.write(json === true ? `${JSON.stringify(inspection)}\n` : formatInspection(inspection));
  return inspection.problems.length === 0 ? EXIT.done : EXIT.failed;
}

async function verify(
  name: string,
  { json, ...options }: VerifyOptions,
  { io, services }: CliContext,
): Promise<ExitCode> {
  const verification = await services.verifyModel(
    await findModel(name, { io, services }),
    deviceWish(options),
  );
  io.stdout.write(json === true ? `${JSON.stringify(verification)}\n` : formatVerification(verification));
  return verification.checks.every((check) => check.passed) ? EXIT.done : EXIT.failed;
}
