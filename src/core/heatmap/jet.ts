type Knot = readonly [at: number, level: number];

/** Straight lines between these levels make each channel (matplotlib's `jet`). */
const RED: readonly Knot[] = [
  [0, 0],
  [0.35, 0],
  [0.66, 1],
  [0.89, 1],
  [1, 0.5],
];
const GREEN: readonly Knot[] = [
  [0, 0],
  [0.125, 0],
  [0.375, 1],
  [0.64, 1],
  [0.91, 0],
  [1, 0],
];
const BLUE: readonly Knot[] = [
  [0, 0.5],
  [0.11, 1],
  [0.34, 1],
  [0.65, 0],
  [1, 0],
];

/** The classic rainbow for a value between 0 and 1, as `rgb(…)`: what readers of older papers expect; d3 has none. */
export function interpolateJet(value: number): string {
  const channels = [RED, GREEN, BLUE].map((knots) => Math.round(255 * level(knots, value)));
  return `rgb(${channels.join(", ")})`;
}

function level(knots: readonly Knot[], value: number): number {
  let [at, height] = [0, 0];
  for (const [nextAt, nextHeight] of knots) {
    if (value <= nextAt) return nextHeight - ((nextAt - value) / (nextAt - at || 1)) * (nextHeight - height);
    [at, height] = [nextAt, nextHeight];
  }
  return height;
}
