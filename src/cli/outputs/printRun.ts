import type { ShownAttribution } from "../../core/run/shownAttribution.js";
import type { Run } from "../../core/run/types.js";
import { wantsColour, type CliIo } from "../io.js";
import { formatTable } from "../report/formatTable.js";
import { runToJson } from "../report/runToJson.js";

/** Prints a run on stdout: a table and what was written, or one JSON object on one line. */
export function printRun(
  io: CliIo,
  run: Run,
  attribution: ShownAttribution,
  options: { readonly source: string; readonly written: readonly string[]; readonly json: boolean },
): void {
  const { source, written, json } = options;
  if (json) {
    io.stdout.write(`${JSON.stringify({ source, written, ...runToJson(run, attribution) })}\n`);
    return;
  }
  io.stdout.write(
    formatTable(run, attribution, { colour: wantsColour(io.stdout, io.env), width: io.stdout.columns }),
  );
  for (const file of written) io.stdout.write(`wrote ${file}\n`);
}
