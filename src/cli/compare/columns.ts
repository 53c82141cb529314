import { padText, textWidth } from "../../core/run/textWidth.js";

/** A column of a table for the terminal. */
export interface TextColumn {
  readonly heading: string;
  readonly side: "left" | "right";
  /** Columns with a higher number are left out first when the terminal is narrow. */
  readonly priority: number;
  /** Longer cells are cut. */
  readonly most: number;
  readonly cells: readonly string[];
}

const GAP = 2;

/** The heading and the rows of a table, each one line of at most `width`. */
export function columnLines(columns: readonly TextColumn[], width: number): string[] {
  const shown = fit(columns, width);
  const widths = shown.map(columnWidth);
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => padText(text, widths[index] ?? 0, shown[index]?.side ?? "left"))
      .join(" ".repeat(GAP))
      .trimEnd();
  const count = Math.max(0, ...columns.map(({ cells }) => cells.length));
  const rows = Array.from({ length: count }, (_, row) => line(shown.map(({ cells }) => cells[row] ?? "")));
  return [line(shown.map(({ heading }) => heading)), ...rows];
}

function columnWidth({ heading, cells, most }: TextColumn): number {
  return Math.min(most, Math.max(textWidth(heading), ...cells.map(textWidth)));
}

function fit(columns: readonly TextColumn[], width: number): readonly TextColumn[] {
  const total = columns.reduce((sum, column) => sum + columnWidth(column) + GAP, -GAP);
  if (total <= width || columns.length === 1)
    return columns.map((column) => ({ ...column, most: Math.min(column.most, width) }));
  const dropped = columns.reduce((a, b) => (b.priority > a.priority ? b : a));
  return fit(
    columns.filter((column) => column !== dropped),
    width,
  );
}
