/** Share of a cell that edges may be off by: rectangles come from rounded resizes. */
const TOLERANCE = 0.02;

/** Where cells begin and end along one side of the picture. */
export interface CellSpan {
  readonly from: number;
  readonly size: number;
}

/**
 * The borders of columns or rows [count + 1] that lie side by side without gaps; those at the ends may be narrower,
 * cut off by the picture's border. Null when the spans are no such columns.
 */
export function cellAxis(spans: readonly CellSpan[]): readonly number[] | null {
  const least = spans.reduce((size, span) => Math.min(size, span.size), Infinity);
  const room = TOLERANCE * least;
  const borders: number[] = [];
  const sizes: number[] = [];
  for (const { from, size } of [...spans].sort((a, b) => a.from - b.from)) {
    const [start, last] = [borders.at(-2), borders.at(-1)];
    const same =
      start !== undefined && Math.abs(from - start) <= room && Math.abs(size - (sizes.at(-1) ?? 0)) <= room;
    if (same) continue;
    if (last !== undefined && Math.abs(from - last) > room) return null;
    if (borders.length === 0) borders.push(from);
    borders.push(from + size);
    sizes.push(size);
  }
  const inner = sizes.slice(1, -1);
  const whole = inner[0] ?? Math.max(...sizes);
  const fits = inner.every((size) => Math.abs(size - whole) <= TOLERANCE * whole);
  return fits && sizes.every((size) => size <= whole * (1 + TOLERANCE)) ? borders : null;
}

/** Which column or row a place lies in. */
export function axisIndex(borders: readonly number[], place: number): number {
  let [low, high] = [0, borders.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((borders[middle] ?? Infinity) <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}
