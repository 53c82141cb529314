import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { resolveSettings } from "../../core/attribution/resolveSettings.js";
import { attribute } from "../../core/attribution/attribute.js";
import { attributionInput } from "../../core/attribution/attributionInput.js";
import { DexarError } from "../../core/errors.js";
import { readRun } from "../../core/run/readRun.js";
import { shownAttribution, type ShownAttribution } from "../../core/run/shownAttribution.js";
import type { Run } from "../../core/run/types.js";
import type { CliContext } from "../context.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { addSettingsOptions, chosenSettings, type SettingsOptions } from "../options/settingsOptions.js";
import { planOutputs } from "../outputs/planOutputs.js";
import { printRun } from "../outputs/printRun.js";
import { saveOutputs } from "../outputs/saveOutputs.js";
import type { Finish } from "../runCli.js";

interface ShowOptions extends SettingsOptions {
  readonly png?: string;
  readonly svg?: string;
  readonly html?: string;
  readonly json?: boolean;
}

/** Adds `dexar show RUN.dexar`: a finished run from its file alone, under its own or other settings. */
export function addShowCommand(program: Command, context: CliContext, finish: Finish): void {
  const command = program.command("show").description("show a run file again; needs no model");
  addSettingsOptions(command)
    .argument("<run.dexar>", "run file")
    .option("--png <file|dir>", "picture of all tokens; in a folder also one per token")
    .option("--svg <file|dir>", "figure of the whole answer for a paper; in a folder also one per token")
    .option("--html <file|dir>", "report for the browser")
    .option("--json", "print one JSON object")
    .action(async (file: string, options: ShowOptions) => finish(await show(file, options, context)));
}

async function show(file: string, options: ShowOptions, { io, services }: CliContext): Promise<ExitCode> {
  const { png, svg, html, json } = options;
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(file, error);
  });
  const [plan] = await planOutputs([file], {
    ...(png && { png }),
    ...(svg && { svg }),
    ...(html && { html }),
  });
  const { run, attribution } = refilter(await readRun(bytes), options);
  const written = plan === undefined ? [] : await saveOutputs(run, attribution, plan, true, services);
  printRun(io, run, attribution, { source: file, written, json: json === true });
  return EXIT.done;
}

/** The run under the settings asked for; under its own ones when none are. */
function refilter(
  stored: { readonly run: Run; readonly attribution: ShownAttribution },
  options: SettingsOptions,
): { run: Run; attribution: ShownAttribution } {
  const { info } = stored.run;
  const chosen = chosenSettings(options, info.model.layers);
  if (Object.keys(chosen).length === 0) {
    return { run: stored.run, attribution: shownAttribution(stored.run, stored.attribution) };
  }
  const settings = resolveSettings({ ...info.settings, ...chosen }, info.model.layers, info.model.heads);
  const run = { ...stored.run, info: { ...info, settings } };
  return { run, attribution: attribute(attributionInput(run), settings) };
}

function unreadable(file: string, error: NodeJS.ErrnoException): DexarError {
  if (error.code === "ENOENT") {
    return new DexarError("run-not-found", `There is no such run file: ${file}`, "Check the path.");
  }
  const why = error.code ?? error.message;
  return new DexarError(
    "run-not-readable",
    `The run file cannot be read (${why}): ${file}`,
    "Check the path and its permissions.",
  );
}
