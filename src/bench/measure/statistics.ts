/** The middle of some numbers (of two middle ones the mean); NaN of none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which the share `q` of the numbers lies, interpolated; NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const [below = NaN, above = NaN] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}

/** A straight line through measured points. */
export interface Fit {
  readonly slope: number;
  readonly intercept: number;
  /** 1: all points lie on the line. */
  readonly r2: number;
}

/** Least squares; needs two different x. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): Fit {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [mx, my] = [mean(([x]) => x), mean(([, y]) => y)];
  const varianceX = mean(([x]) => (x - mx) ** 2);
  const varianceY = mean(([, y]) => (y - my) ** 2);
  const covariance = mean(([x, y]) => (x - mx) * (y - my));
  const slope = covariance / varianceX;
  const r2 = varianceY === 0 ? 1 : covariance ** 2 / (varianceX * varianceY);
  return { slope, intercept: my - slope * mx, r2 };
}
