import type { CliIo } from "./io.js";
import { EXIT } from "./exitCodes.js";
import { removeUnfinishedFiles } from "../runtime/files/writeFileAtomically.js";

/** Ctrl-C during work: the first asks to stop, the second ends the program. */
export interface Interrupts {
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Runs `action` right before the second Ctrl-C ends the program. */
  readonly beforeForcedExit: (action: () => void) => void;
}

/** Runs `work` with Ctrl-C handled; afterwards Ctrl-C is as before. */
export async function withInterrupts<T>(io: CliIo, work: (interrupts: Interrupts) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const actions: (() => void)[] = [];
  const stop = io.onInterrupt(() => {
    if (!controller.signal.aborted) {
      io.stderr.write("\nStopping after this step, what is finished is kept; Ctrl-C again quits at once.\n");
      controller.abort();
      return;
    }
    for (const action of actions) action();
    removeUnfinishedFiles();
    io.exitNow(EXIT.cancelled);
  });
  try {
    return await work({ signal: controller.signal, beforeForcedExit: (action) => void actions.push(action) });
  } finally {
    stop();
  }
}
