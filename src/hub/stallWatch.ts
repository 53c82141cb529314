/** Gives a connection up that brings nothing for a while. */
export class StallWatch {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  /** Aborts when nothing was heard for too long. */
  readonly signal: AbortSignal = this.controller.signal;

  constructor(readonly afterMs: number) {
    this.timer = setTimeout(() => this.controller.abort(), afterMs);
  }

  heard(): void {
    this.timer.refresh();
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
