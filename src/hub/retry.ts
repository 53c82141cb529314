import { setTimeout as sleep } from "node:timers/promises";
import type { DexarError } from "../core/errors.js";

const MOST_FAILURES = 5;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5 * 60_000;

/** A failure that another try may mend. */
export class TransientFailure extends Error {
  /**
   * @param failure what is said when trying did not help
   * @param waitMs how long the server asks to wait; null: it does not say
   */
  constructor(
    readonly failure: DexarError,
    readonly waitMs: number | null = null,
  ) {
    super(failure.message, { cause: failure });
  }
}

/** How to wait between tries; replaced in tests. */
export interface Patience {
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A connection that brings nothing for this long is given up. */
  readonly stalledAfterMs: number;
}

/** As people expect it. */
export const PATIENCE: Patience = {
  wait: (ms, signal) => sleep(ms, undefined, { signal }),
  stalledAfterMs: 60_000,
};

/** What is told of the tries. */
export interface Tries {
  readonly signal: AbortSignal;
  readonly patience: Patience;
  /** Called before each pause. */
  readonly onWait?: (waitMs: number, failure: DexarError) => void;
}

/**
 * Tries until it works, waiting longer each time or as the server asks. What `work` calls when it gets on forgets the
 * failures before: a download may be cut off any number of times as long as bytes come.
 * @throws DexarError of the last try after five failures in a row, or when the server asks to wait longer than five minutes
 */
export async function retrying<T>(work: (gotOn: () => void) => Promise<T>, tries: Tries): Promise<T> {
  let failures = 0;
  for (;;) {
    try {
      return await work(() => (failures = 0));
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      const waitMs = error.waitMs ?? FIRST_WAIT_MS * 2 ** failures;
      if (++failures >= MOST_FAILURES || waitMs > LONGEST_WAIT_MS) throw error.failure;
      tries.onWait?.(waitMs, error.failure);
      await tries.patience.wait(waitMs, tries.signal);
    }
  }
}
