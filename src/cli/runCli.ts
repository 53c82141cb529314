import { Command, CommanderError } from "commander";
import { addBenchCommand } from "./commands/bench.js";
import { addCompareCommand } from "./commands/compare.js";
import { addDoctorCommand } from "./commands/doctor.js";
import { addExplainCommand } from "./commands/explain.js";
import { addGenerateCommand } from "./commands/generate.js";
import { addModelsCommand } from "./commands/models.js";
import { addShowCommand } from "./commands/show.js";
import type { CliContext } from "./context.js";
import { EXIT, type ExitCode } from "./exitCodes.js";
import type { CliIo } from "./io.js";
import { exitCodeOf, printError, toDexarError } from "./printError.js";
import type { CliServices } from "./services.js";

/** How a command hands its exit code back, since commander's actions return nothing. */
export type Finish = (code: ExitCode) => void;

/**
 * Runs one command line.
 * @param argv the arguments after `dexar`
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 cancelled
 */
export async function runCli(argv: readonly string[], io: CliIo, services: CliServices): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  const program = createProgram({ io, services }, (finished) => {
    code = finished;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && isHelp(error))
      return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const known = toDexarError(error);
    printError(io, known, { json: argv.includes("--json") });
    return exitCodeOf(known);
  }
}

function createProgram(context: CliContext, finish: Finish): Command {
  const { io, services } = context;
  const program = new Command("dexar")
    .description("Shows what in a picture each word of a vision-language model's answer rests on.")
    .version(services.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // Errors are printed once, in runCli.
      outputError: () => {},
    });
  addExplainCommand(program, context, finish);
  addGenerateCommand(program, context, finish);
  addShowCommand(program, context, finish);
  addCompareCommand(program, context, finish);
  addModelsCommand(program, context, finish);
  addBenchCommand(program, context, finish);
  addDoctorCommand(program, context, finish);
  return program;
}

function isHelp(error: CommanderError): boolean {
  return ["commander.help", "commander.helpDisplayed", "commander.version"].includes(error.code);
}
