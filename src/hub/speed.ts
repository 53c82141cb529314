const WINDOW_MS = 10_000;

/** How fast bytes come, over the last ten seconds. */
export class Speed {
  private readonly marks: { readonly time: number; readonly bytes: number }[] = [];

  /** @param now milliseconds of a clock that never goes back */
  constructor(private readonly now: () => number) {}

  /** Bytes received in all until now. */
  mark(bytes: number): void {
    const time = this.now();
    this.marks.push({ time, bytes });
    while ((this.marks[0]?.time ?? time) < time - WINDOW_MS) this.marks.shift();
  }

  /** After bytes were thrown away, or after a pause: what was before does not count. */
  reset(): void {
    this.marks.length = 0;
  }

  /** null: not known yet. */
  bytesPerSecond(): number | null {
    const [first, last] = [this.marks[0], this.marks.at(-1)];
    if (first === undefined || last === undefined || last.time - first.time < 500) return null;
    return ((last.bytes - first.bytes) / (last.time - first.time)) * 1000;
  }
}
