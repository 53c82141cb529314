import { bytesText } from "../../core/memory/bytesText.js";
import { MEMORY_PARTS, MOMENTS, type MemoryPart } from "../../core/memory/types.js";
import type { GraphWeights, MemoryEstimate } from "../../core/memory/types.js";
import type { InspectedMemory, ModelInspection } from "../../runtime/engineTypes.js";

const GRAPHS = {
  decoder: "decoder",
  visionEncoder: "vision encoder",
  tokenEmbedding: "token embedding",
} as const;

const PARTS: Readonly<Record<MemoryPart, string>> = {
  process: "process",
  weights: "weights",
  image: "vision encoder",
  activations: "activations",
  logits: "logits",
  cache: "key/value cache",
  taps: "tapped rows",
  gradientModel: "gradient model",
  gradients: "gradients",
};

/** Lines on memory of `dexar models inspect`; none where no decoder could be read. */
export function formatMemory({ answer, dtypes }: ModelInspection["memory"]): string[] {
  const [first] = dtypes;
  if (first === undefined) return [];
  const { promptTokens, imageTokens, answerTokens } = answer;
  return [
    `memory (estimated) for a prompt of ${promptTokens} tokens, ${imageTokens} of the image, and an answer of ${answerTokens}, on the CPU`,
    ...table(["private memory at its peak", "generate", "explain", "mapped, at most"], dtypes.map(peakCells)),
    ...table(["weights", "stored", "private", "mapped"], dtypes.flatMap(weightRows)),
    ...table([`explain in ${first.dtype}, private`, ...MOMENTS], momentRows(first.explain)),
  ];
}

function peakCells({ dtype, generate, explain }: InspectedMemory): string[] {
  const mapped = Math.max(generate.mapped, explain.mapped);
  return [dtype, bytesText(generate.privatePeak), bytesText(explain.privatePeak), bytesText(mapped)];
}

function weightRows({ dtype, weights }: InspectedMemory): string[][] {
  return (Object.keys(GRAPHS) as (keyof typeof GRAPHS)[]).map((graph) => weightCells(`${dtype} ${GRAPHS[graph]}`, weights[graph]));
}

function weightCells(name: string, weights: GraphWeights): string[] {
  const stored = Object.entries(weights.byType)
    .filter(([, bytes]) => bytes >= 1e5)
    .sort(([, a], [, b]) => b - a)
    .map(([type, bytes]) => `${bytesText(bytes)} ${type.toLowerCase()}`);
  return [name, stored.join(" + ") || "none", bytesText(weights.private), bytesText(weights.mapped)];
}

function momentRows({ parts, moments }: MemoryEstimate): string[][] {
  const rows = MEMORY_PARTS.map((part) => [PARTS[part], ...MOMENTS.map((moment) => cellText(parts[part][moment]))]);
  return [...rows, ["all", ...MOMENTS.map((moment) => cellText(moments[moment]))]];
}

function cellText(bytes: number): string {
  return bytes === 0 ? "" : bytesText(bytes);
}

/** Columns that line up, the first to the left, under a heading. */
function table(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all.map((row) =>
    widths
      .map((width, column) => (column === 0 ? (row[0] ?? "").padEnd(width) : (row[column] ?? "").padStart(width)))
      .join("  ")
      .replace(/^/, "  ")
      .trimEnd(),
  );
}
