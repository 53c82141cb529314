import type { ShownAttribution } from "../../core/run/shownAttribution.js";
import type { Run } from "../../core/run/types.js";
import { wantsColour, type CliIo } from "../io.js";
import { formatTable } from "../report/formatTable.js";
import { runToJson } from "../../core/run/runToJson.js";

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
  for (const line of writtenLines(written)) io.stdout.write(`wrote ${line}\n`);
}

const TOKEN_PICTURE = /\.token-\d+[^/\\]*\.png$/;

/** The files by name, but the pictures of single tokens, one per token, in one line. */
function writtenLines(written: readonly string[]): string[] {
  const pictures = written.filter((file) => TOKEN_PICTURE.test(file));
  const others = written.filter((file) => !TOKEN_PICTURE.test(file));
  const [first] = pictures;
  if (first === undefined) return others;
  const name = first.replace(TOKEN_PICTURE, ".token-*.png");
  return [...others, `${name} (${pictures.length} tokens)`];
}
