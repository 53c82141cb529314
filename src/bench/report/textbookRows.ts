import { median, quantile } from "../measure/statistics.js";
import type { TextbookMeasurements } from "../measure/textbook.js";
import { textbookBarOf, type BarSetting } from "./bars.js";
import type { BenchRow, TextbookFacts } from "./types.js";

const TIME = "the textbook way in PyTorch";

/** The textbook way against ours, with bars: how many times more it takes. */
export function textbookRows(measured: TextbookMeasurements, setting: BarSetting): BenchRow[] {
  return [...timeRows(measured), ...memoryRows(measured)].map((row) => {
    if (row.value === null || row.against === undefined) return row;
    const ratio = row.value / row.against;
    const least = textbookBarOf(row.id, setting);
    return least === undefined ? { ...row, ratio } : { ...row, ratio, bar: { least, met: ratio >= least } };
  });
}

/** Whether both ways say the same. */
export function textbookFacts({ textbook }: TextbookMeasurements): TextbookFacts {
  const { torch, threads, ids, chosen, differences } = textbook;
  return {
    torch,
    threads,
    sameAnswer: ids.join() === chosen.join(),
    difference: Math.max(...Object.values(differences)),
  };
}

function timeRows({ ours, textbook }: TextbookMeasurements): BenchRow[] {
  const times = textbook.seconds.map((seconds) => seconds * 1000);
  const rows = ours.map(({ tokens, whole }) => ({
    id: `textbook.${tokens}`,
    section: TIME,
    label: `${tokens} tokens, against explain, K = 16`,
    unit: "ms" as const,
    value: times.slice(0, tokens).reduce((sum, time) => sum + time, 0),
    against: median(whole),
  }));
  const token: BenchRow = {
    id: "textbook.token",
    section: TIME,
    label: "one token",
    unit: "ms",
    value: median(times),
    quartiles: [quantile(times, 0.25), quantile(times, 0.75)],
  };
  return [token, ...rows];
}

function memoryRows({ memory, textbook }: TextbookMeasurements): BenchRow[] {
  const row = (kind: string, what: string, value: number | null, against: number | undefined): BenchRow => ({
    id: `textbook.${kind}`,
    section: "peak memory of the textbook way in PyTorch",
    label: `${what}, against explain, K = 16`,
    unit: "bytes",
    value,
    ...(against === undefined ? {} : { against }),
    ...(value === null ? { note: "not measured on this system" } : {}),
  });
  return [
    row("private", "private memory", textbook.peak_private, memory?.privatePeak),
    row("peak", "resident memory", textbook.peak_resident, memory?.peak),
  ];
}
