import type { RunEntry } from "../services.js";

/** What the settings say about which runs stay. */
export interface Retention {
  /** How many runs are kept, named and pinned ones aside. */
  readonly keep: number;
  /** Older runs go, named and pinned ones aside; 0: none goes for its age. */
  readonly keepDays: number;
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * The runs that have to go.
 * @param entries newest first
 * @param isShown whether a panel shows it: then it stays
 * @param now milliseconds since 1970
 */
export function superfluousRuns(
  entries: readonly RunEntry[],
  { keep, keepDays }: Retention,
  isShown: (entry: RunEntry) => boolean,
  now: number,
): readonly RunEntry[] {
  const oldest = keepDays > 0 ? now - keepDays * DAY_MS : -Infinity;
  return entries
    .filter(({ name, pinned }) => name === null && pinned !== true)
    .filter(({ saved }, index) => index >= Math.max(1, keep) || Date.parse(saved.info.time) < oldest)
    .filter((entry) => !isShown(entry));
}
