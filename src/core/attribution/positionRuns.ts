/** Ascending positions as runs without gaps: loops over them need no look-up per position. */
export interface PositionRuns {
  /** How many positions there are. */
  readonly count: number;
  /** From and to (not included) of each run, one after the other. */
  readonly bounds: Int32Array;
}

/** Runs of ascending positions. */
export function positionRuns(positions: Int32Array): PositionRuns {
  const bounds: number[] = [];
  for (const position of positions) {
    if (position === bounds.at(-1)) bounds[bounds.length - 1] = position + 1;
    else bounds.push(position, position + 1);
  }
  return { count: positions.length, bounds: Int32Array.from(bounds) };
}
