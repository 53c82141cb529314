import { CommanderError } from "commander";
import { DexarError } from "../core/errors.js";
import { EXIT, type ExitCode } from "./exitCodes.js";
import { flagHint } from "./flagHints.js";
import type { CliIo } from "./io.js";
import { UsageError } from "./usageError.js";

/** Any thrown value as a DexarError; an unexpected one gets the code `internal` and keeps its stack. */
export function toDexarError(error: unknown): DexarError {
  if (error instanceof DexarError) return error;
  if (error instanceof CommanderError) return fromCommander(error);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const nextStep = "Please report it with the command and this message.";
  return new DexarError("internal", `Unexpected failure: ${text}`, nextStep, { cause: error });
}

/** Exit code for an error that ends the command. */
export function exitCodeOf(error: DexarError): ExitCode {
  if (error.code === "cancelled") return EXIT.cancelled;
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}

/** Prints `error:` and `try:` lines on stderr (a cancel is no error); with `json` also one object on stdout. */
export function printError(io: CliIo, error: DexarError, options: { json: boolean; image?: string }): void {
  const { image: name } = options;
  const subject = name === undefined || error.message.includes(name) ? "" : `${name}: `;
  const label = error.code === "cancelled" ? "" : "error: ";
  const tail = error.code === "cancelled" ? "" : `  try: ${error.nextStep}${flagHint(error.code)}\n`;
  io.stderr.write(`${label}${subject}${error.message}\n${tail}`);
  if (!options.json) return;
  const { code, message, nextStep } = error;
  const image = name === undefined ? {} : { image: name };
  io.stdout.write(`${JSON.stringify({ ...image, error: { code, message, nextStep } })}\n`);
}

function fromCommander(error: CommanderError): UsageError {
  const code = error.code.replace("commander.", "").replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const [first = "", ...rest] = error.message.split("\n");
  const suggestion = rest.join(" ").replace(/^\((.*)\)$/, "$1");
  return new UsageError(code, first.replace(/^error: /, ""), suggestion || "See: dexar --help");
}
