import { DexarError } from "../core/errors.js";
import { unreachable } from "./hubErrors.js";
import { reasonOf } from "./request.js";
import { TransientFailure, type Tries } from "./retry.js";

/** Work over a connection: `heard` is called whenever something comes. */
export type WatchedWork<T> = (signal: AbortSignal, heard: () => void) => Promise<T>;

/**
 * Works over a connection, and gives it up when nothing comes for a while.
 * @throws TransientFailure when the connection failed or stalled; the reason of `tries.signal` when that aborts; what
 * `work` throws for a known reason
 */
export async function withStallWatch<T>(tries: Tries, host: string, work: WatchedWork<T>): Promise<T> {
  const { signal, patience } = tries;
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(), patience.stalledAfterMs);
  try {
    return await work(AbortSignal.any([signal, stall.signal]), () => timer.refresh());
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DexarError || error instanceof TransientFailure) throw error;
    const seconds = patience.stalledAfterMs / 1000;
    const reason = stall.signal.aborted ? `nothing came for ${seconds} s` : reasonOf(error);
    throw new TransientFailure(unreachable(host, reason, error));
  } finally {
    clearTimeout(timer);
  }
}
