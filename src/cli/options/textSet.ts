import type { TextSet } from "../../core/attribution/settings.js";
import { UsageError } from "../usageError.js";

const NAMES = ["all", "no-special", "prompt", "generated"] as const;

/**
 * Parses a text set: a name, or positions of the expanded prompt as `12,13,20`.
 * @throws UsageError `bad-text-set`
 */
export function parseTextSet(text: string): TextSet {
  const name = NAMES.find((known) => known === text);
  if (name !== undefined) return name;
  if (/^\d+(,\d+)*$/.test(text)) return { positions: text.split(",").map(Number) };
  throw new UsageError(
    "bad-text-set",
    `--text-set is "${text}", not a known text set.`,
    `Use one of ${NAMES.join(", ")}, or positions such as 12,13,20.`,
  );
}
