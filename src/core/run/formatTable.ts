import { mapRegion, regionLabel } from "./mapRegion.js";
import { answerText } from "./answerText.js";
import { formatNumber, formatProbability } from "./formatNumber.js";
import type { ShownAttribution } from "./shownAttribution.js";
import { keptHeads, rowOf, textWinReason } from "./textWinner.js";
import { tokenLabel } from "./tokenLabel.js";
import { ownLayers } from "./ownLayers.js";
import type { RunInfo } from "./types.js";
import { padText, textWidth, wrapColumns } from "./textWidth.js";

/** How a place that shows text can set off a part of it. */
export type TableStyle = "dim" | "bold" | "yellow";

/** Room for a table, and its colours. */
export interface TableOptions {
  /** Columns of a fixed-width font. */
  readonly width: number;
  /** Sets off a part; plain text when absent. */
  readonly paint?: (style: TableStyle, text: string) => string;
}

interface Column {
  readonly heading: string;
  readonly side: "left" | "right";
  /** Columns with a higher number are left out first when there is little room. */
  readonly priority: number;
  /** Widest the column may become; a text column is cut beyond it. */
  readonly most: number;
  readonly cells: readonly string[];
}

const GAP = 2;

/**
 * A run as a table in a fixed-width font: a header, then a line per token; ends with a line break.
 * @param shown as `shownAttribution` completes it
 */
export function formatTable(info: RunInfo, shown: ShownAttribution, options: TableOptions): string {
  const width = Math.max(20, options.width);
  const paint = options.paint ?? ((_style, text) => text);
  const columns = fitColumns(tableColumns(info, shown), width);
  const widths = columns.map(columnWidth);
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => padText(text, widths[index] ?? 0, columns[index]?.side ?? "left"))
      .join(" ".repeat(GAP))
      .trimEnd();
  const rows = info.tokens.map((token, index) => {
    const text = line(columns.map((column) => column.cells[index] ?? ""));
    return token.stop || shown.tokenWeight[index] === 0 ? paint("dim", text) : text;
  });
  return [
    ...headerLines(info, shown, width, paint),
    "",
    paint("bold", line(columns.map((column) => column.heading))),
    ...rows,
    ...info.warnings.flatMap((warning) =>
      wrapColumns(`Warning: ${warning}`, width).map((text) => paint("yellow", text)),
    ),
    "",
  ].join("\n");
}

function headerLines(
  info: RunInfo,
  attribution: ShownAttribution,
  width: number,
  paint: (style: TableStyle, text: string) => string,
): string[] {
  const { model, settings } = info;
  const where = region(info, attribution.sequenceHeatmap);
  const answer = `${answerText(info).replaceAll("\n", " ↵ ")}${info.partial ? " … (interrupted)" : ""}`;
  const own = ownLayers(model, settings.layers);
  const counted = `layers L${settings.layers[0]}-L${settings.layers[1] - 1}`;
  const layers = own === null ? counted : `${counted} (with attention; the model's ${own})`;
  const facts: readonly (readonly [string, string])[] = [
    ["Image", info.image.name],
    ["Model", `${model.name}, ${model.dtype} on ${model.device}, preset ${settings.preset}, ${layers}`],
    ["Prompt", info.prompt.text.trim()],
    ["Answer", answer],
    ["Looked at", where === "-" ? "nothing: by this measure the answer did not use the picture" : where],
  ];
  return facts.flatMap(([name, text]) => {
    const indent = 11;
    return wrapColumns(text || "-", Math.max(9, width - indent)).map((part, index) => {
      const label = padText(index === 0 ? name : "", indent, "left");
      return `${paint("dim", label)}${name === "Answer" ? paint("bold", part) : part}`;
    });
  });
}

function tableColumns(info: RunInfo, attribution: ShownAttribution): Column[] {
  const indices = info.tokens.map((_, index) => index);
  const kept = indices.map((index) => keptHeads(info, attribution, index));
  const maps = indices.map((index) => rowOf(attribution.tokenHeatmap, index, info.cells.length));
  return [
    { heading: "#", side: "right", priority: 4, most: 5, cells: indices.map(String) },
    {
      heading: "Token",
      side: "left",
      priority: 0,
      most: 24,
      cells: info.tokens.map((token) => tokenLabel(token.text)),
    },
    {
      heading: "Prob",
      side: "right",
      priority: 3,
      most: 8,
      cells: info.tokens.map((t) => formatProbability(t.logprob)),
    },
    {
      heading: "Delta",
      side: "right",
      priority: 1,
      most: 8,
      cells: indices.map((i) => formatNumber(attribution.tokenWeight[i] ?? 0)),
    },
    { heading: "Region", side: "left", priority: 2, most: 16, cells: maps.map((map) => region(info, map)) },
    {
      heading: "Kept",
      side: "right",
      priority: 5,
      most: 11,
      cells: kept.map((heads) => `${heads.kept}/${heads.total}`),
    },
    {
      heading: "Note",
      side: "left",
      priority: 6,
      most: 60,
      cells: indices.map((index) => note(info, attribution, index)),
    },
  ];
}

function note(info: RunInfo, attribution: ShownAttribution, index: number): string {
  const reason = textWinReason(info, attribution, index);
  const end = info.tokens[index]?.stop ? "end, not in the whole answer" : null;
  return [reason, end].filter((part) => part !== null).join("; ");
}

function region(info: RunInfo, values: Float32Array): string {
  const found = mapRegion(info, values);
  return found ? regionLabel(found) : "-";
}

function columnWidth({ heading, cells, most }: Column): number {
  return Math.min(most, Math.max(textWidth(heading), ...cells.map(textWidth)));
}

/** Leaves out the least needed columns until the rest fits; the last text column may be cut to what is left. */
function fitColumns(columns: readonly Column[], width: number): Column[] {
  const used = columns.filter(
    (column) => column.heading !== "Note" || column.cells.some((cell) => cell !== ""),
  );
  const total = used.reduce((sum, column) => sum + columnWidth(column) + GAP, -GAP);
  if (total <= width || used.length === 1)
    return used.map((column) => ({ ...column, most: Math.min(column.most, width) }));
  const last = used.find((column) => column.heading === "Note");
  const room = last ? columnWidth(last) - (total - width) : 0;
  if (last && room >= 20) return used.map((column) => (column === last ? { ...column, most: room } : column));
  const dropped = used.reduce((a, b) => (b.priority > a.priority ? b : a));
  return fitColumns(
    used.filter((column) => column !== dropped),
    width,
  );
}
