/** Keeps the last bytes of a text stream, for crash messages. */
export class LogTail {
  private text = "";

  /** @param limit characters kept; 64 k by default */
  constructor(private readonly limit = 64 * 1024) {}

  append(chunk: string): void {
    this.text = (this.text + chunk).slice(-this.limit);
  }

  /** The last `count` lines that say something, oldest first. */
  lastLines(count: number): string[] {
    return this.text
      .split("\n")
      .map((line) => line.trimEnd())
      .filter((line) => line !== "")
      .slice(-count);
  }
}
