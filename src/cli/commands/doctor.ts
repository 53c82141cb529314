import { homedir } from "node:os";
import type { Command } from "commander";
import { withoutHome } from "../../core/withoutHome.js";
import { examine } from "../../modelClient/doctor/examine.js";
import { formatDoctor } from "../../modelClient/doctor/formatDoctor.js";
import type { CliContext } from "../context.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { withInterrupts } from "../interrupts.js";
import { listModels } from "../models/listModels.js";
import type { Finish } from "../runCli.js";

/** Adds `dexar doctor`: everything a bug report needs. */
export function addDoctorCommand(program: Command, context: CliContext, finish: Finish): void {
  program
    .command("doctor")
    .description("what this machine has and which devices work: everything a bug report needs, no secrets")
    .option("--json", "print one JSON object")
    .action(async (options: { readonly json?: boolean }) => finish(await doctor(options, context)));
}

async function doctor({ json }: { readonly json?: boolean }, context: CliContext): Promise<ExitCode> {
  const { io, services } = context;
  const onProgress = (doing: string): void => io.stderr.write(`${doing}\n`);
  const examination = await withInterrupts(io, ({ signal }) =>
    examine(() => services.createClient(signal), { signal, onProgress }),
  );
  const all = await listModels({ io, services });
  const models = all.filter(({ state }) => state !== "available");
  if (json === true) {
    const report = { version: services.version, ...examination, models };
    io.stdout.write(`${withoutHome(JSON.stringify(report), homedir())}\n`);
  } else {
    const rows = models.map(
      ({ name, family, dir, state }) => [name, `${family ?? "no config.json"}, ${dir ?? state}`] as const,
    );
    io.stdout.write(formatDoctor(examination, [{ title: "Models", rows }]));
  }
  return examination.machine === null ? EXIT.failed : EXIT.done;
}
