import type { Sample } from "./probe.js";

/** Milliseconds. */
export interface Spread {
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

/** The samples of one action, as spreads. */
export interface Measured {
  readonly action: string;
  readonly count: number;
  /** Times at which the overlay was not drawn although it should. */
  readonly missed: number;
  readonly work: Spread;
  readonly overlay: Spread;
  readonly frame: Spread;
  readonly settled: Spread;
}

/** Sums samples up; `null` is one that did not come. */
export function summarise(action: string, samples: readonly (Sample | null)[]): Measured {
  const came = samples.filter((sample) => sample !== null);
  const of = (name: keyof Sample): Spread => spread(came.map((sample) => sample[name]));
  return {
    ...{ action, count: came.length, missed: samples.length - came.length },
    ...{ work: of("work"), overlay: of("overlay"), frame: of("frame"), settled: of("settled") },
  };
}

/** Median, 95th percentile (nearest rank) and maximum; NaN of nothing. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
  return { median: rank(0.5), p95: rank(0.95), max: sorted.at(-1) ?? NaN };
}
