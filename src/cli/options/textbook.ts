import path from "node:path";
import { fileURLToPath } from "node:url";
import { Option } from "commander";
import type { TextbookPlan } from "../../bench/measure/textbook.js";
import { textbookPeer } from "../../bench/measure/textbookPeer.js";
import type { BenchOptions } from "../../bench/runBench.js";
import { packageRoot } from "../packageRoot.js";
import { UsageError } from "../usageError.js";
import { wholeNumber } from "./numbers.js";

/** What the options for the textbook way say. */
export interface TextbookFlags {
  readonly textbook?: string;
  readonly textbookTokens: readonly number[];
}

const LENGTHS = "--textbook-tokens";
const DEFAULT_LENGTHS = [20, 64];

/** Asks for the textbook way. */
export const TEXTBOOK = new Option(
  "--textbook <python>",
  "measure the textbook way too, in this Python with PyTorch (minutes)",
);

/** How long its answers are. */
export const TEXTBOOK_TOKENS = new Option(`${LENGTHS} <list>`, "lengths of its answers")
  .argParser((text) => text.split(",").map(wholeNumber(LENGTHS, 1, 1024)))
  .default(DEFAULT_LENGTHS, DEFAULT_LENGTHS.join());

/**
 * The comparison that is asked for; undefined: none.
 * @throws UsageError `textbook-needs-fp32` when no model is measured that it could be made with
 */
export function textbookPlan(
  { textbook, textbookTokens }: TextbookFlags,
  { style, models }: Pick<BenchOptions, "style" | "models">,
): TextbookPlan | undefined {
  if (textbook === undefined) return undefined;
  if (style === "fused" && models.some(({ dtype }) => dtype === "fp32")) {
    const root = packageRoot(path.dirname(fileURLToPath(import.meta.url)));
    return { peer: textbookPeer(textbook, root), tokens: textbookTokens };
  }
  throw new UsageError(
    "textbook-needs-fp32",
    "The textbook way reads fused decoders in fp32 only.",
    "Give --textbook with --style fused and with fp32 among --dtype.",
  );
}
