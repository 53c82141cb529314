import type { ExplainRequest } from "../../protocol/modelProcess.js";

/** A way to make an answer: with or without explaining it, free or forced. */
export interface Mode {
  /** `plain`, `k16`, `forced-plain`, … */
  readonly id: string;
  readonly label: string;
  /** Whose generation: ours, or that of transformers.js alone over the same files. */
  readonly by: "dexar" | "transformers.js";
  /** Explain every this many tokens; null: not at all. */
  readonly captureEvery: number | null;
  readonly forced: boolean;
  /** The mode it is compared with; null for those that others are compared with. */
  readonly against: string | null;
}

/** Capture schedules that are measured. */
const SCHEDULES = [1, 4, 16, 32];
const FORCED_SCHEDULE = 32;

/** All modes, in the order of the table. */
export const MODES: readonly Mode[] = [
  {
    id: "transformers",
    label: "transformers.js generates",
    by: "transformers.js",
    captureEvery: null,
    forced: false,
    against: null,
  },
  {
    id: "plain",
    label: "generate",
    by: "dexar",
    captureEvery: null,
    forced: false,
    against: "transformers",
  },
  ...SCHEDULES.map((k) => ({
    id: `k${k}`,
    label: k === 1 ? "explain live (K = 1)" : `explain, K = ${k}`,
    by: "dexar" as const,
    captureEvery: k,
    forced: false,
    against: "plain",
  })),
  {
    id: "forced-plain",
    label: "forced target, not explained",
    by: "dexar",
    captureEvery: null,
    forced: true,
    against: null,
  },
  {
    id: "forced",
    label: "forced target, explained",
    by: "dexar",
    captureEvery: FORCED_SCHEDULE,
    forced: true,
    against: "forced-plain",
  },
];

/** The modes that are ours. */
export const OWN_MODES: readonly Mode[] = MODES.filter((mode) => mode.by === "dexar");

/** The request of a mode: `ids` is the target of the forced ones. */
export function requestOf(mode: Mode, request: ExplainRequest, ids: readonly number[]): ExplainRequest {
  return {
    ...request,
    captureEvery: mode.captureEvery ?? 1,
    target: mode.forced ? { ids } : null,
  };
}
