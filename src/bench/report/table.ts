/** A cell, or nothing. */
export type Cell = string | undefined;

/**
 * A table that is Markdown and lines up in a terminal: the first column to the left, the others to the right. Columns
 * without any cell are left out.
 */
export function table(heading: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const columns = heading.map((_, i) => i).filter((i) => i === 0 || rows.some((row) => row[i] !== undefined));
  const widths = columns.map((i) =>
    Math.max(...[heading, ...rows].map((row) => (row[i] ?? "").length), "---".length),
  );
  const line = (row: readonly Cell[]) => {
    const cells = columns.map((i, at) =>
      i === 0 ? (row[i] ?? "").padEnd(widths[at] ?? 0) : (row[i] ?? "").padStart(widths[at] ?? 0),
    );
    return `| ${cells.join(" | ")} |`;
  };
  const rule = widths.map((width, at) => (at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(heading), `| ${rule.join(" | ")} |`, ...rows.map(line)];
}

/** Things by a key, in the order the keys first come in. */
export function grouped<T>(things: readonly T[], keyOf: (thing: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const key = keyOf(thing);
    groups.set(key, [...(groups.get(key) ?? []), thing]);
  }
  return groups;
}
