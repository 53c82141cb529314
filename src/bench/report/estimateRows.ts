import { estimateMemory } from "../../core/memory/estimateMemory.js";
import type { ModelMemory } from "../../core/memory/types.js";
import { OWN_MODES, type Mode } from "../measure/modes.js";
import type { ProcessMemory } from "../measure/processMemory.js";
import type { MeasuredAnswer } from "./keptRows.js";
import type { BenchRow } from "./types.js";

/** An estimate is to be right within 15 %. */
const [LEAST, MOST] = [0.85, 1.15];

/**
 * The estimate of private memory before loading, of each mode, against what was measured.
 * @param measured by mode; null: this system does not tell
 */
export function estimateRows(
  model: ModelMemory,
  answer: MeasuredAnswer,
  measured: ReadonlyMap<string, ProcessMemory> | null,
): BenchRow[] {
  return OWN_MODES.map((mode) => {
    const { captureEvery, forced } = mode;
    const value = estimateMemory(model, { ...answer, captureEvery, forced, spooled: true }).privatePeak;
    return { ...row(mode, value), ...comparison(value, measured?.get(mode.id)?.privatePeak) };
  });
}

function row(mode: Mode, value: number): BenchRow {
  const section = "estimate of private memory";
  return { id: `memory.estimate.${mode.id}`, section, label: mode.label, unit: "bytes", value };
}

function comparison(value: number, against: number | undefined): Pick<BenchRow, "against" | "ratio" | "bar"> {
  if (against === undefined) return {};
  const ratio = value / against;
  return { against, ratio, bar: { limit: MOST, least: LEAST, met: ratio >= LEAST && ratio <= MOST } };
}
