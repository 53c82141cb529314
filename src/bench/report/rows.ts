import { MODES, OWN_MODES, type Mode } from "../measure/modes.js";
import type { ProcessMemory } from "../measure/processMemory.js";
import type { RunParts } from "../measure/runParts.js";
import { median, quantile } from "../measure/statistics.js";
import { decodeTime, type AnswerTime } from "../measure/timeAnswer.js";
import type { QuestionTimes } from "../measure/timeQuestions.js";
import type { BenchRow } from "./types.js";

/** Everything that was measured of one model, growth apart. */
export interface Measurements {
  /** By mode. */
  readonly times: ReadonlyMap<string, readonly AnswerTime[]>;
  /** By mode; null: this system does not tell. */
  readonly memory: ReadonlyMap<string, ProcessMemory> | null;
  readonly parts: RunParts;
  readonly questions: QuestionTimes;
}

type PlainRow = Omit<BenchRow, "ratio" | "bar">;

/** The rows of the table, without bars. */
export function rowsOf(measured: Measurements): BenchRow[] {
  const rows = [
    ...answerRows(measured, "whole", "whole answer", (time) => time.whole),
    ...answerRows(
      measured,
      "prefill",
      "to the first token",
      (time) => time.prefill,
      (mode) => !mode.forced,
    ),
    ...answerRows(measured, "decode", "after the first token", decodeTime, (mode) => !mode.forced),
    ...gradientRows(measured),
    ...memoryRows(measured, "private", "peak private memory", (memory) => memory.privatePeak),
    ...memoryRows(measured, "mapped", "peak mapped files in memory", (memory) => memory.mappedPeak),
    ...memoryRows(measured, "peak", "peak resident memory", (memory) => memory.peak),
    ...partRows(measured),
  ];
  return rows.map((row) =>
    row.value === null || row.against === undefined ? row : { ...row, ratio: row.value / row.against },
  );
}

function answerRows(
  { times }: Measurements,
  kind: string,
  section: string,
  of: (time: AnswerTime) => number,
  which: (mode: Mode) => boolean = () => true,
): PlainRow[] {
  const values = (id: string) => (times.get(id) ?? []).map(of);
  return MODES.filter(which).map((mode) => ({
    ...timed(section, `${kind}.${mode.id}`, mode.label, values(mode.id)),
    ...(mode.against === null ? {} : { against: median(values(mode.against)) }),
  }));
}

/** The share of the gradients in each explained mode. */
function gradientRows({ times }: Measurements): PlainRow[] {
  return MODES.filter((mode) => mode.captureEvery !== null).map((mode) => {
    const values = (times.get(mode.id) ?? []).map((time) => time.gradient);
    return timed("gradients and maps", `gradient.${mode.id}`, mode.label, values);
  });
}

function memoryRows(
  { memory }: Measurements,
  kind: string,
  section: string,
  of: (memory: ProcessMemory) => number,
): PlainRow[] {
  const value = (id: string) => {
    const found = memory?.get(id);
    return found && of(found);
  };
  return OWN_MODES.map((mode) => {
    const against = mode.against === null ? undefined : value(mode.against);
    return {
      id: `memory.${kind}.${mode.id}`,
      ...{ section, label: mode.label, unit: "bytes" },
      value: value(mode.id) ?? null,
      ...(against === undefined ? {} : { against }),
      ...(memory === null ? { note: "not measured on this system" } : {}),
    };
  });
}

/** Parts of an answer, and what follows it. */
function partRows({ parts, questions, times }: Measurements): PlainRow[] {
  const plain = times.get("plain") ?? [];
  const steps = plain.map((time) => decodeTime(time) / (time.ids.length - 1));
  const part = (id: string, label: string, values: readonly number[]) =>
    timed("steps, questions, run file", id, label, values);
  return [
    part("step.plain", "one decode step", steps),
    {
      ...part("another-token", "another token of a run / decode step", parts.anotherToken),
      against: median(steps),
    },
    part("first-question", "first question to its first token", questions.first),
    {
      ...part("second-question", "second question, same picture", questions.second),
      against: median(questions.first),
    },
    part("attribution", "attribution of the whole answer", parts.attribution),
    part("run-file.write", "attribution and writing of the run", parts.save),
    {
      id: "run-file.size",
      ...{ section: "run file", label: "size", unit: "bytes", value: parts.fileBytes },
    },
  ];
}

function timed(section: string, id: string, label: string, values: readonly number[]): PlainRow {
  const row = { id, section, label, unit: "ms", value: median(values) } as const;
  if (values.length < 2) return row;
  return { ...row, quartiles: [quantile(values, 0.25), quantile(values, 0.75)] };
}
