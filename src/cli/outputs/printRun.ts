import { styleText } from "node:util";
import { formatTable, type TableStyle } from "../../core/run/formatTable.js";
import { runToJson } from "../../core/run/runToJson.js";
import { shownAttribution, type ShownAttribution } from "../../core/run/shownAttribution.js";
import type { Run } from "../../core/run/types.js";
import { wantsColour, type CliIo } from "../io.js";

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
  const shown = shownAttribution(run, attribution);
  const colour = wantsColour(io.stdout, io.env) && { paint: inColour };
  io.stdout.write(formatTable(run.info, shown, { width: io.stdout.columns, ...colour }));
  for (const line of writtenLines(written)) io.stdout.write(`wrote ${line}\n`);
}

function inColour(style: TableStyle, text: string): string {
  return styleText(style, text, { validateStream: false });
}

const TOKEN_PICTURE = /\.token-\d+[^/\\]*\.(png|svg)$/;

/** The files by name, but those of single tokens, one per token, in one line for each kind. */
function writtenLines(written: readonly string[]): string[] {
  const groups = new Map<string, number>();
  for (const file of written) {
    const name = file.replace(TOKEN_PICTURE, ".token-*.$1");
    groups.set(name, (groups.get(name) ?? 0) + 1);
  }
  return Array.from(groups, ([name, count]) => (TOKENS.test(name) ? `${name} (${count} tokens)` : name));
}

const TOKENS = /\.token-\*\.(png|svg)$/;
