import { styleText } from "node:util";
import { mostChanged, type NotComparable, type SideComparison } from "../../core/compare/compareSides.js";
import { isIdentical, type RunComparison } from "../../core/compare/compareRuns.js";
import type { ComparedSide } from "../../core/compare/side.js";
import type { Similarity } from "../../core/compare/similarity.js";
import { answerText } from "../../core/run/answerText.js";
import { formatNumber, formatShare } from "../../core/run/formatNumber.js";
import { mapRegion, regionLabel } from "../../core/run/mapRegion.js";
import { padText, wrapColumns } from "../../core/run/textWidth.js";
import { tokenLabel } from "../../core/run/tokenLabel.js";
import type { RunInfo } from "../../core/run/types.js";
import { changeText } from "./changeText.js";
import { columnLines, type TextColumn } from "./columns.js";

/** What is printed of two runs. */
export interface ShownComparison {
  readonly files: readonly [a: string, b: string];
  readonly infos: readonly [a: RunInfo, b: RunInfo];
  /** All of both answers, or what --token asked for. */
  readonly comparison: RunComparison;
  /** What the layers and heads are of: the whole answer, or what --token asked for. */
  readonly subject: { readonly title: string; readonly compared: SideComparison };
}

/** How wide the terminal is and whether it shows colours. */
export interface ComparisonStyle {
  readonly width: number;
  readonly colour: boolean;
}

const INDENT = 11;
const MOST_LISTED = 5;

/** Two runs as a table for the terminal: what was changed, the tokens side by side, layers and heads that changed most. */
export function formatComparison(shown: ShownComparison, { width: given, colour }: ComparisonStyle): string {
  const width = Math.max(24, given);
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const fact = (name: string, text: string): string[] =>
    wrapColumns(text || "-", Math.max(9, width - INDENT)).map(
      (part, index) => `${paint("dim", padText(index === 0 ? name : "", INDENT, "left"))}${part}`,
    );
  const { infos, files, comparison, subject } = shown;
  const [heading = "", ...rows] = columnLines(tokenColumns(shown), width);
  return [
    ...fact("A", files[0]),
    ...fact("B", files[1]),
    ...changeLines(comparison).flatMap(([name, text]) => fact(name, text)),
    ...fact("Answer A", answerLine(infos[0])),
    ...fact("Answer B", answerLine(infos[1])),
    "",
    paint("bold", heading),
    ...rows.map((row, index) =>
      comparison.tokens[index - 1]?.pair.kind === "same" ? row : paint("bold", row),
    ),
    "",
    paint("bold", subject.title),
    ...fact("Maps", likeness(subject.compared.map.similarity)),
    ...fact("Layers", layersLine(subject.compared)),
    ...fact("Heads", headsLine(subject.compared)),
    "",
  ].join("\n");
}

function changeLines(comparison: RunComparison): [name: string, text: string][] {
  if (isIdentical(comparison))
    return [["Changed", "nothing: the runs are identical in question, answer and maps"]];
  if (comparison.changes.length === 0) return [["Changed", "nothing that was asked"]];
  return comparison.changes.map((change, index) => {
    const { what, values } = changeText(change);
    return [index === 0 ? "Changed" : "", `${what}: ${values}`];
  });
}

function answerLine(info: RunInfo): string {
  return `${answerText(info).replaceAll("\n", " ↵ ")}${info.partial ? " … (interrupted)" : ""}`;
}

/** The whole answer comes first, then the tokens. */
function tokenColumns({ infos, comparison }: ShownComparison): TextColumn[] {
  const rows = comparison.tokens;
  const all = [comparison.whole, ...rows.map(({ compared }) => compared)];
  const texts = (
    side: "a" | "b",
    first: string,
    of: (info: RunInfo, indices: readonly number[]) => string,
  ) => [
    first,
    ...rows.map(({ pair }) => (pair[side].length === 0 ? "-" : of(infos[side === "a" ? 0 : 1], pair[side]))),
  ];
  const numbers = (_info: RunInfo, indices: readonly number[]): string => indices.join("+");
  const words = ({ tokens }: RunInfo, indices: readonly number[]): string =>
    indices.map((index) => tokenLabel(tokens[index]?.text ?? "")).join("");
  const right = { side: "right", most: 8 } as const;
  const left = { side: "left", most: 20 } as const;
  return [
    { heading: "#A", priority: 6, ...right, cells: texts("a", "", numbers) },
    { heading: "#B", priority: 7, ...right, cells: texts("b", "", numbers) },
    { heading: "Token A", priority: 0, ...left, cells: texts("a", "whole answer", words) },
    { heading: "Token B", priority: 0, ...left, cells: texts("b", "whole answer", words) },
    { heading: "Delta A", priority: 2, ...right, cells: all.map(({ a }) => deltaText(a)) },
    { heading: "Delta B", priority: 2, ...right, cells: all.map(({ b }) => deltaText(b)) },
    { heading: "Looked A", priority: 3, ...left, cells: all.map(({ a }) => regionText(infos[0], a)) },
    { heading: "Looked B", priority: 3, ...left, cells: all.map(({ b }) => regionText(infos[1], b)) },
    { heading: "Overlap", priority: 1, ...right, cells: all.map(({ map }) => overlapText(map.similarity)) },
    {
      heading: "Corr",
      priority: 5,
      ...right,
      cells: all.map(({ map }) => numberText(map.similarity?.correlation)),
    },
  ];
}

function overlapText(similarity: Similarity | null): string {
  return similarity === null ? "-" : formatShare(similarity.overlap);
}

function deltaText({ delta }: ComparedSide): string {
  return delta === null ? "-" : formatNumber(delta);
}

function regionText(info: RunInfo, { map, delta }: ComparedSide): string {
  if (delta === null) return "-";
  const region = mapRegion(info, map.values);
  return region ? regionLabel(region) : "nothing";
}

function numberText(value: number | null | undefined): string {
  return value === null || value === undefined ? "-" : value.toFixed(2);
}

function likeness(similarity: Similarity | null): string {
  if (similarity === null) return "one of the maps is empty";
  const { overlap, correlation, cosine } = similarity;
  return `overlap ${formatShare(overlap)}, correlation ${numberText(correlation)}, cosine ${numberText(cosine)}`;
}

function layersLine({ layers }: SideComparison): string {
  if (typeof layers === "string") return notComparable(layers, "layers");
  return (
    mostChanged(layers, MOST_LISTED)
      .map(({ layer, a, b }) => `L${layer} ${formatShare(a)} → ${formatShare(b)}`)
      .join(", ") || "no difference"
  );
}

function headsLine({ heads }: SideComparison): string {
  if (typeof heads === "string") return notComparable(heads, "heads");
  return (
    mostChanged(heads, MOST_LISTED)
      .map(({ layer, head, a, b }) => `L${layer} H${head} ${formatShare(a)} → ${formatShare(b)}`)
      .join(", ") || "no difference"
  );
}

function notComparable(why: NotComparable, what: string): string {
  switch (why) {
    case "other-count":
      return `the models have other numbers of layers or heads, so their ${what} cannot be compared`;
    case "no-counterpart":
      return "the other answer has no counterpart";
    case "no-gradient":
      return "a run was saved without its gradient, so the layers' shares are not known";
  }
}
