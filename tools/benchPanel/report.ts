import { cpus } from "node:os";
import type { SamplesByAction } from "./measureActions.js";
import type { Opened } from "./openRun.js";
import { spread, summarise, type Measured, type Spread } from "./statistics.js";
import type { RunShape } from "./syntheticRun.js";

/** All that was measured. */
export interface Report {
  readonly browser: string;
  /** Frames at the screen's rate. */
  readonly capped: boolean;
  readonly shape: RunShape;
  /** Bytes of the run file and of the page's script. */
  readonly file: number;
  readonly script: number;
  readonly opened: readonly Opened[];
  readonly samples: SamplesByAction;
}

const HEADINGS = `${"median / p95 / max, ms".padEnd(38)}    n ${["work", "overlay", "frame", "settled"]
  .map((name) => name.padStart(22))
  .join("")}`;

/** The report as a text. */
export function formatReport(report: Report): string {
  const { shape, opened } = report;
  const measured = [...report.samples].map(([action, samples]) => summarise(action, samples));
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
  const first = spread(opened.map(({ firstMap }) => firstMap));
  const memory = spread(opened.map((each) => each.memory));
  return [
    `${cpus().length} x ${cpus()[0]?.model ?? "CPU"}, ${report.browser}, no GPU, window 1400 x 900, frames ${report.capped ? "at the screen's rate" : "as fast as they come"}`,
    `${shape.tokens} tokens, ${shape.layers} layers, ${shape.heads} heads, ${shape.columns * shape.rows} image tokens; run file ${megabytes(report.file)} MB (float32), script ${(report.script / 1e3).toFixed(0)} kB`,
    "",
    `opening: run file to first map ${first.median.toFixed(0)} ms (most ${first.max.toFixed(0)}), memory of the page ${megabytes(memory.median)} MB`,
    "",
    HEADINGS,
    ...measured.map(formatRow),
    "",
    "Since the event (its own time stamp): work = our code until the overlay's last drawing command; overlay = that",
    "command, waiting included; frame = style, layout and paint of that frame are done too; settled = last change after.",
    "",
    ...bars(measured),
    "",
  ].join("\n");
}

/** The report as plain data. */
export function reportJson({ samples, opened, ...rest }: Report): object {
  return { ...rest, opened, actions: [...samples].map(([action, each]) => summarise(action, each)) };
}

function formatRow({ action, count, missed, work, overlay, frame, settled }: Measured): string {
  const cell = ({ median, p95, max }: Spread): string =>
    [median, p95, max]
      .map((value) => value.toFixed(1))
      .join(" / ")
      .padStart(22);
  const cells = [work, overlay, frame, settled].map(cell).join("");
  return `${action.padEnd(38)} ${String(count).padStart(4)} ${cells}${missed > 0 ? `   ${missed} missed` : ""}`;
}

/** The bars of issue 4: the worst kind of action counts, once until the overlay is drawn, once with its whole frame. */
function bars(measured: readonly Measured[]): string[] {
  const line = (what: string, begins: string, part: "overlay" | "frame", bar: number): string => {
    const kinds = measured.filter(({ action }) => action.startsWith(begins));
    const value = Math.max(...kinds.map((kind) => kind[part].p95));
    const verdict = value <= bar ? "reached" : "missed ";
    return `${verdict}  ${what}, ${part}: p95 of the worst kind ${value.toFixed(1)} ms, bar ${bar} ms`;
  };
  return [
    line("hover to repainted overlay", "hover a", "overlay", 16),
    line("hover to repainted overlay", "hover a", "frame", 16),
    line("force-drop a head to repainted map", "drop a head", "overlay", 50),
    line("force-drop a head to repainted map", "drop a head", "frame", 50),
  ];
}
