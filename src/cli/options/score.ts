import type { Score } from "../../core/attribution/settings.js";
import { UsageError } from "../usageError.js";

/**
 * Parses a score: `max`, `mean` or `top-k:8`.
 * @throws UsageError `bad-score`
 */
export function parseScore(text: string): Score {
  if (text === "max" || text === "mean") return { kind: text };
  const match = /^top-k:([1-9]\d*)$/.exec(text);
  if (match !== null) return { kind: "top-k", k: Number(match[1]) };
  throw new UsageError("bad-score", `--score is "${text}", not a known score.`, "Use max, mean or top-k:8.");
}
