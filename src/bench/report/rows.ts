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
    ...answerRows(measured, "whole", "", (time) => time.whole),
    ...answerRows(measured, "decode", ", after the first token", decodeTime, (mode) => !mode.forced),
    ...gradientRows(measured),
    ...memoryRows(measured, "private", "private memory", (memory) => memory.privatePeak),
    ...memoryRows(measured, "mapped", "mapped files in memory", (memory) => memory.mappedPeak),
    ...memoryRows(measured, "peak", "resident memory", (memory) => memory.peak),
    ...partRows(measured),
  ];
  return rows.map((row) =>
    row.value === null || row.against === undefined ? row : { ...row, ratio: row.value / row.against },
  );
}

function answerRows(
  { times }: Measurements,
  kind: string,
  suffix: string,
  of: (time: AnswerTime) => number,
  which: (mode: Mode) => boolean = () => true,
): PlainRow[] {
  const values = (id: string) => (times.get(id) ?? []).map(of);
  return MODES.filter(which).map((mode) => ({
    ...timed(`${kind}.${mode.id}`, `${mode.label}${suffix}`, values(mode.id)),
    ...(mode.against === null ? {} : { against: median(values(mode.against)) }),
  }));
}

/** Prefill, and the share of the gradients in each explained mode. */
function gradientRows({ times }: Measurements): PlainRow[] {
  const plain = times.get("plain") ?? [];
  return [
    timed(
      "prefill.plain",
      "prefill to the first token",
      plain.map((time) => time.prefill),
    ),
    ...MODES.filter((mode) => mode.captureEvery !== null).map((mode) =>
      timed(
        `gradient.${mode.id}`,
        `gradients and maps of ${mode.label}`,
        (times.get(mode.id) ?? []).map((time) => time.gradient),
      ),
    ),
  ];
}

function memoryRows(
  { memory }: Measurements,
  kind: string,
  what: string,
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
      label: `peak ${what}, ${mode.label}`,
      unit: "bytes",
      value: value(mode.id) ?? null,
      ...(against === undefined ? {} : { against }),
      ...(memory === null ? { note: "not measured on this system" } : {}),
    };
  });
}

function partRows({ parts, questions, times }: Measurements): PlainRow[] {
  const steps = (times.get("plain") ?? []).map((time) => decodeTime(time) / (time.ids.length - 1));
  return [
    timed("step.plain", "one decode step", steps),
    {
      ...timed("another-token", "another token of a finished run, against a decode step", parts.anotherToken),
      against: median(steps),
    },
    timed("first-question", "first question to its first token", questions.first),
    {
      ...timed("second-question", "second question on the same picture", questions.second),
      against: median(questions.first),
    },
    timed("attribution", "attribution arithmetic of the whole answer", parts.attribution),
    timed("run-file.write", "attribution and writing of the run file", parts.save),
    { id: "run-file.size", label: "size of the run file", unit: "bytes", value: parts.fileBytes },
  ];
}

function timed(id: string, label: string, values: readonly number[]): PlainRow {
  return {
    id,
    label,
    unit: "ms",
    value: median(values),
    quartiles: [quantile(values, 0.25), quantile(values, 0.75)],
  };
}
