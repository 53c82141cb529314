import { barLines, barText } from "./barText.js";
import { growthTables } from "./growthTables.js";
import { numberText, unitName } from "./numbers.js";
import { grouped, table, type Cell } from "./table.js";
import { textbookText } from "./textbookText.js";
import type { BenchReport, BenchRow, ModelReport } from "./types.js";

/** A report as text for the terminal or a Markdown file; ends with a line break. */
export function formatBench(report: BenchReport): string {
  const models = report.models.flatMap((model) => ["", ...modelLines(model)]);
  const cut = report.partial ? ["", "INTERRUPTED: not all models were measured."] : [];
  return [...machineLines(report), ...models, ...barLines(report), ...cut, ""].join("\n");
}

function machineLines({ tool, time, machine }: BenchReport): string[] {
  const { cpu, cores, memory, platform, node, onnxruntime, transformers, load } = machine;
  const [before, after] = load.map((value) => value.toFixed(1));
  return [
    `- ${tool}, ${time}`,
    `- ${cores} x ${cpu}, ${(memory / 1e9).toFixed(1)} GB of memory, ${platform}`,
    `- load before ${before}, at the end ${after}`,
    `- Node ${node}, onnxruntime-node ${onnxruntime}, transformers.js ${transformers}`,
  ];
}

function modelLines(model: ModelReport): string[] {
  const { shape, style, dtype, promptTokens, imageTokens, tokens, rounds } = model;
  const sections = grouped(model.rows, (row) => row.section);
  return [
    `## ${shape} ${style} ${dtype}`,
    "",
    `Prompt of ${promptTokens} tokens (${imageTokens} of the image), answer of ${tokens}; ${rounds === 1 ? "one round" : `medians of ${rounds} rounds in turn`}.`,
    model.sameAnswer ? "The answer is the same in all of them." : "THE ANSWERS DIFFER BETWEEN THEM.",
    ...(model.textbook === undefined ? [] : ["", textbookText(model.textbook)]),
    ...[...sections].flatMap(([section, rows]) => ["", ...sectionLines(section, rows)]),
    ...growthTables(model.growth).flatMap((lines) => ["", ...lines]),
  ];
}

function sectionLines(section: string, rows: readonly BenchRow[]): string[] {
  const unit = unitName(rows[0]?.unit ?? "ms");
  const value = rows.some(({ quartiles }) => quartiles !== undefined) ? "median" : "value";
  const heading = [`${section}, ${unit}`, value, "quartiles", "against", "ratio", "bar"];
  const notes = new Set(rows.flatMap(({ note }) => note ?? []));
  return [...table(heading, rows.map(cellsOf)), ...[...notes].flatMap((note) => ["", `-: ${note}`])];
}

function cellsOf({ label, unit, value, quartiles, against, ratio, bar }: BenchRow): Cell[] {
  const show = (number: number) => numberText(unit, number);
  return [
    label,
    value === null ? "-" : show(value),
    quartiles?.map(show).join("–"),
    against === undefined ? undefined : show(against),
    ratio === undefined ? undefined : `${ratio.toFixed(2)}x`,
    bar === undefined ? undefined : `${barText(bar)} ${bar.met ? "met" : "NOT MET"}`,
  ];
}
