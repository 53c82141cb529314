import type { ModelProcessEvent } from "../protocol/modelProcess.js";
import type { OutputStream } from "./io.js";

const TERMINAL_MS = 100;
const PLAIN_MS = 10_000;

/**
 * Tells on stderr how far the work is: one line rewritten in place on a terminal,
 * otherwise a plain line every ten seconds, so that short work stays silent.
 */
export class Progress {
  private title = "";
  private tokens = 0;
  private expected: { readonly count: number; readonly exact: boolean } | null = null;
  private started = 0;
  private firstToken = 0;
  private lastShown: number;
  private visible = false;

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    private readonly stream: OutputStream,
    private readonly rewrites: boolean,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.lastShown = now();
  }

  /**
   * Starts a piece of work.
   * @param expected tokens it will take, or (not exact) at most take; null: unknown
   */
  begin(title: string, expected: { count: number; exact: boolean } | null): void {
    this.title = title;
    this.expected = expected;
    this.tokens = 0;
    this.started = this.now();
    this.show("", this.rewrites);
  }

  /** Follows the model process. */
  event(event: ModelProcessEvent): void {
    switch (event.kind) {
      case "stage":
        this.show(
          event.detail === "" || event.detail === this.title ? event.stage : `${event.stage} ${event.detail}`,
          this.rewrites,
        );
        return;
      case "prepared":
        return;
      case "token":
        this.tokens = event.index + 1;
        if (event.index === 0) this.firstToken = this.now();
        this.show(this.tokenState(), false);
        return;
      case "explained":
        this.show(`${this.tokenState()}, ${event.first + event.count} explained`, false);
        return;
    }
  }

  /** Clears the line of a terminal, before other text is printed. */
  clear(): void {
    if (this.visible) this.stream.write("\r\x1b[2K");
    this.visible = false;
  }

  private tokenState(): string {
    const total =
      this.expected === null ? "" : ` of ${this.expected.exact ? "" : "at most "}${this.expected.count}`;
    return `token ${this.tokens}${total}`;
  }

  private timeLeft(): string {
    if (this.expected === null || this.tokens < 2) return "";
    const perToken = (this.now() - this.firstToken) / (this.tokens - 1);
    const left = perToken * Math.max(0, this.expected.count - this.tokens);
    return `, ${this.expected.exact ? "" : "at most "}${seconds(left)} left`;
  }

  private show(state: string, always: boolean): void {
    const time = this.now();
    if (!always && time - this.lastShown < (this.rewrites ? TERMINAL_MS : PLAIN_MS)) return;
    this.lastShown = time;
    const line = [this.title, state, `${seconds(time - this.started)}${this.timeLeft()}`]
      .filter((part) => part !== "")
      .join("  ");
    if (!this.rewrites) {
      this.stream.write(`${line}\n`);
      return;
    }
    this.clear();
    this.stream.write(line.slice(0, this.stream.columns - 1));
    this.visible = true;
  }
}

function seconds(milliseconds: number): string {
  const value = milliseconds / 1000;
  if (value < 10) return `${value.toFixed(1)} s`;
  if (value < 120) return `${Math.round(value)} s`;
  return `${Math.round(value / 60)} min`;
}
