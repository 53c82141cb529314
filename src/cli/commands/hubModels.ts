import type { Command } from "commander";
import { DTYPE_SUFFIXES } from "../../core/dtypeSuffixes.js";
import { bytesText } from "../../core/memory/bytesText.js";
import { modelStoreFolder } from "../../hub/places.js";
import { repoName } from "../../hub/repoName.js";
import { removeModel } from "../../hub/store.js";
import type { CliContext } from "../context.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { formatModelList } from "../models/formatModelList.js";
import { listModels } from "../models/listModels.js";
import { pullModel } from "../models/pullModel.js";
import type { Finish } from "../runCli.js";

interface JsonOption {
  readonly json?: boolean;
}

interface PullOptions extends JsonOption {
  readonly dtype?: string;
  readonly revision?: string;
  readonly acceptLicence?: boolean;
}

/** Adds `dexar models list | pull NAME | remove NAME`. */
export function addHubCommands(models: Command, context: CliContext, finish: Finish): void {
  models
    .command("list")
    .description("the models on this machine, and public ones that can be downloaded")
    .option("--json", "print one JSON object per model")
    .action(async (options: JsonOption) => finish(await list(options, context)));
  models
    .command("pull <owner/name>")
    .description("download a model from the Hugging Face hub, or the rest of it; Ctrl-C pauses")
    .option(
      "--dtype <type>",
      `weight type: ${Object.keys(DTYPE_SUFFIXES).join(", ")} (default: q4 where it is offered)`,
    )
    .option("--revision <name>", "a branch, tag or commit (default: main)")
    .option("--accept-licence", "you have read the model's licence and accept it")
    .option("--json", "print one JSON object")
    .action(async (name: string, options: PullOptions) => finish(await pull(name, options, context)));
  models
    .command("remove <owner/name>")
    .description("remove a downloaded model, or what was begun of it")
    .option("--json", "print one JSON object")
    .action(async (name: string, options: JsonOption) => finish(await remove(name, options, context)));
}

async function list({ json }: JsonOption, context: CliContext): Promise<ExitCode> {
  const { stdout } = context.io;
  const found = await listModels(context);
  if (json === true) for (const model of found) stdout.write(`${JSON.stringify(model)}\n`);
  else stdout.write(formatModelList(found, context.services.modelsDir));
  return EXIT.done;
}

async function pull(text: string, options: PullOptions, context: CliContext): Promise<ExitCode> {
  const { dtype = null, revision = null, acceptLicence = false, json } = options;
  const name = repoName(text);
  const model = await pullModel(context, { name, dtype, revision }, acceptLicence);
  const { dir, dtypes, bytes } = model;
  const words = `${name} is in ${dir} (${dtypes.join(", ")}, ${bytesText(bytes)}). Use it: --model ${name}`;
  context.io.stdout.write(`${json === true ? JSON.stringify({ name, dir, dtypes, bytes }) : words}\n`);
  return EXIT.done;
}

async function remove(text: string, { json }: JsonOption, { io }: CliContext): Promise<ExitCode> {
  const name = repoName(text);
  const freed = await removeModel(modelStoreFolder(io.env), name);
  io.stdout.write(
    `${json === true ? JSON.stringify({ name, freed }) : `Removed ${name}: ${bytesText(freed)} are free again.`}\n`,
  );
  return EXIT.done;
}
