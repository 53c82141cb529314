import type { WordWinsReport } from "../../src/protocol/panel.js";
import { pinnedSubject, type Store } from "./store.js";
import { wordWins } from "./wordWins.js";

const TOLD_BY = ["data", "attribution", "selected"] as const;

/**
 * Tells which words won for what is pinned, now and at each change, at most once a frame: the editor tints the
 * prompt's file by it.
 * @param runId of the run that the store shows, at the moment of telling
 */
export function reportWordWins(
  store: Store,
  runId: () => string | null,
  tell: (report: WordWinsReport) => void,
): void {
  let asked = false;
  const ask = (): void => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      const id = runId();
      const report = id === null ? null : wordWinsReport(store, id);
      if (report !== null) tell(report);
    });
  };
  store.listen((changed) => {
    if (TOLD_BY.some((name) => changed.has(name))) ask();
  });
  ask();
}

/** The wins of each position for the pinned token or the whole answer; null when the page does not know who won. */
export function wordWinsReport(store: Pick<Store, "data" | "state">, runId: string): WordWinsReport | null {
  const subject = pinnedSubject(store);
  const wins = wordWins(subject);
  if (wins === null) return null;
  const pinned = subject.token === null ? undefined : store.data.info.tokens[subject.token];
  return {
    runId,
    token: subject.token === null ? null : { index: subject.token, text: pinned?.text ?? "" },
    total: wins.total,
    wins: [...wins.byPosition].map(([position, won]) => ({ position, wins: won })),
  };
}
