import { cancelledError } from "../../core/serializedError.js";

interface Waiting {
  readonly start: () => void;
  readonly cancel: () => void;
}

/** Lets one piece of work run at a time, in order of arrival; a piece that is cancelled while it waits never starts. */
export class WorkQueue {
  private readonly waiting = new Set<Waiting>();
  private busy = false;

  /** Pieces that wait for their turn. */
  get length(): number {
    return this.waiting.size;
  }

  /**
   * Resolves or rejects as `work` does, once its turn has come.
   * @param onWait called when it has to wait
   * @throws DexarError `cancelled`, at once, when `signal` aborts before the turn came
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal, onWait: () => void): Promise<T> {
    if (signal.aborted) throw cancelledError();
    if (this.busy) {
      onWait();
      await this.turn(signal);
    }
    this.busy = true;
    try {
      return await work();
    } finally {
      this.busy = false;
      const [next] = this.waiting;
      next?.start();
    }
  }

  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.waiting.delete(piece);
        signal.removeEventListener("abort", piece.cancel);
      };
      const piece: Waiting = {
        start: () => {
          leave();
          // Taken here, not when the waiter wakes up: nobody may slip in between.
          this.busy = true;
          resolve();
        },
        cancel: () => {
          leave();
          reject(cancelledError());
        },
      };
      this.waiting.add(piece);
      signal.addEventListener("abort", piece.cancel, { once: true });
    });
  }
}
