import type { BenchGrowth, BenchReport, BenchRow, ModelReport } from "./types.js";

/** A report as text for the terminal or a Markdown file; ends with a line break. */
export function formatBench(report: BenchReport): string {
  return [...machineLines(report), ...report.models.flatMap((model) => ["", ...modelLines(model)]), ""].join(
    "\n",
  );
}

function machineLines({ tool, time, machine }: BenchReport): string[] {
  const { cpu, cores, memory, platform, node, onnxruntime, transformers, load } = machine;
  return [
    `${tool}, ${time}`,
    `${cores} x ${cpu}, ${gigabytes(memory)} of memory, ${platform}; load before ${load[0].toFixed(1)}, at the end ${load[1].toFixed(1)}`,
    `Node ${node}, onnxruntime-node ${onnxruntime}, transformers.js ${transformers}`,
  ];
}

function modelLines(model: ModelReport): string[] {
  const { shape, style, dtype, promptTokens, imageTokens, tokens, rounds } = model;
  const same = model.sameAnswer
    ? "The answer is the same in all of them."
    : "THE ANSWERS DIFFER BETWEEN THEM.";
  const cells = model.rows.map(cellsOf);
  const growth = model.growth.map(growthCells);
  return [
    `${shape} ${style} ${dtype}: prompt of ${promptTokens} tokens (${imageTokens} of the image), answer of ${tokens}; medians of ${rounds} rounds in turn. ${same}`,
    "",
    ...table(["what", "value", "quartiles", "against", "ratio", "bar"], cells),
    ...(growth.length === 0 ? [] : ["", ...table(["grows", "slope", "from", "R²"], growth)]),
  ];
}

function cellsOf(row: BenchRow): string[] {
  const { label, unit, value, quartiles, against, ratio, bar, note } = row;
  const show = unit === "ms" ? milliseconds : megabytes;
  return [
    label,
    value === null ? (note ?? "not measured") : show(value),
    quartiles === undefined ? "" : quartiles.map((quartile) => show(quartile)).join(" to "),
    against === undefined ? "" : show(against),
    ratio === undefined ? "" : `${ratio.toFixed(2)}x`,
    bar === undefined ? "" : `${barText(bar)} ${bar.met ? "met" : "NOT MET"}`,
  ];
}

function barText({ least, limit }: NonNullable<BenchRow["bar"]>): string {
  return least === undefined ? `<= ${limit}x` : `${least}x to ${limit}x`;
}

function growthCells({ label, per, points, slope, intercept, r2 }: BenchGrowth): string[] {
  const range = points.map(([x]) => x);
  return [
    `${label}, ${Math.min(...range)} to ${Math.max(...range)} ${per}s`,
    `${slope.toPrecision(3)} ms per ${per}`,
    milliseconds(intercept),
    r2.toFixed(4),
  ];
}

/** A table that is Markdown and lines up in a terminal. */
function table(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = heading.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(heading), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)];
}

function milliseconds(value: number): string {
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ms`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0)} MB`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
