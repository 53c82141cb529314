import type { BenchReport } from "../../src/bench/report/types.js";
import { formatBench } from "../../src/bench/report/formatBench.js";

const [BEGIN, END] = ["<!-- results: written by npm run bench:results -->", "<!-- end of results -->"];

/** What one command measured. */
export interface MeasuredForm {
  readonly args: readonly string[];
  readonly report: BenchReport;
  /** Of the whole command, with the building of models that were not there. */
  readonly seconds: number;
}

/** A section of Markdown: the command, and its tables. */
export function sectionOf({ args, report, seconds }: MeasuredForm): string {
  const tables = formatBench(report).replaceAll(/^## /gm, "### ");
  return `## \`dexar bench ${args.join(" ")}\`\n\nTook ${minutes(seconds)}.\n\n${tables}`;
}

/**
 * Puts results in the place of those that a Markdown file has.
 * @throws Error when the file does not say where they are
 */
export function withResults(markdown: string, forms: readonly MeasuredForm[]): string {
  const [from, to] = [markdown.indexOf(BEGIN), markdown.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`no lines "${BEGIN}" and "${END}"`);
  const all = minutes(forms.reduce((sum, { seconds }) => sum + seconds, 0));
  const text = [`All of it took ${all}.`, ...forms.map(sectionOf)].join("\n\n");
  return `${markdown.slice(0, from)}${BEGIN}\n\n${text}\n${markdown.slice(to)}`;
}

function minutes(seconds: number): string {
  return `${(seconds / 60).toFixed(1)} minutes`;
}
