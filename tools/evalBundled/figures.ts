/** Means of named series, in percent. */
export class Figures {
  private readonly series = new Map<string, { sum: number; count: number }>();

  add(name: string, value: number | boolean): void {
    const entry = this.series.get(name) ?? { sum: 0, count: 0 };
    entry.sum += Number(value);
    entry.count += 1;
    this.series.set(name, entry);
  }

  count(name: string): number {
    return this.series.get(name)?.count ?? 0;
  }

  /** Mean times 100; NaN when nothing was added. */
  percent(name: string): number {
    const entry = this.series.get(name);
    return entry ? (100 * entry.sum) / entry.count : NaN;
  }

  /** All means, by name. */
  toJson(): Record<string, number> {
    return Object.fromEntries(
      [...this.series.keys()].sort().map((name) => [name, Math.round(this.percent(name) * 10) / 10]),
    );
  }
}
